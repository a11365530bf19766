import { escrowAccount, type AccountId, type OrderId, type Transfer, type TransferKind } from '@quarry/domain'
import type { OrderCoins } from '@quarry/storage-port'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'
import { foundByName, kindOf, pagesOfRows, transferParams, type LedgerRow, type Long } from './cassandra-ledger-rows.ts'

/** Rows in one plain write, and writes under way at once for one call. */
const WRITE_ROWS = 200
const WRITES_AT_ONCE = 32

const INSERT_MOVE = 'INSERT INTO ledger_order (order_id, id, kind, debit, credit, amount) VALUES (?, ?, ?, ?, ?, ?)'

/** A posted transfer of an order, as far as the order's sums go. */
export interface OrderMove {
  readonly kind: TransferKind
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amountCoins: number
}

/**
 * Writes down for their orders those transfers that their names do not lead to; again, the same. Done before a transfer
 * becomes final, so none is missing.
 */
export async function indexByOrder(engine: CassandraEngine, transfers: readonly Transfer[]): Promise<void> {
  const hidden = transfers.filter((transfer) => transfer.orderId !== undefined && !foundByName(transfer))
  const writes = [...Map.groupBy(hidden, ({ orderId }) => orderId).values()].flatMap((ofOrder) =>
    chunksOf(ofOrder.map(insertMove), WRITE_ROWS),
  )
  for (const some of chunksOf(writes, WRITES_AT_ONCE)) {
    await Promise.all(some.map((statements) => engine.writeTogether(statements)))
  }
}

function insertMove(transfer: Transfer): Statement {
  const [id, kind, debit, credit, amount] = transferParams(transfer)
  return { query: INSERT_MOVE, params: [transfer.orderId, id, kind, debit, credit, amount] }
}

/** Every posted transfer of the order, a page at a time: those that its home's rows show by name, then the indexed ones. */
export async function* movesOfOrder(engine: CassandraEngine, orderId: OrderId): AsyncGenerator<OrderMove> {
  const home = escrowAccount(orderId)
  for await (const rows of pagesOfRows(engine, home, { after: `${orderId}:`, before: `${orderId};` })) {
    for (const row of rows) if (countsByName(row, orderId)) yield row.transfer
  }
  yield* await indexedMovesOf(engine, orderId)
}

/** Those transfers of the order that only its index shows. */
async function indexedMovesOf(engine: CassandraEngine, orderId: OrderId): Promise<readonly OrderMove[]> {
  const rows = await engine.read<{ kind: number; debit: AccountId; credit: AccountId; amount: Long }>(
    'SELECT kind, debit, credit, amount FROM ledger_order WHERE order_id = ?',
    orderId,
  )
  return rows.map((row) => ({
    kind: kindOf(row.kind),
    debit: row.debit,
    credit: row.credit,
    amountCoins: row.amount.toNumber(),
  }))
}

/** Whether the row, at its home, stands for a transfer of the order that moved coins and that no index shows. */
function countsByName({ transfer, state }: LedgerRow, orderId: OrderId): boolean {
  return (state === 'posted' || state === 'moving') && transfer.orderId === orderId && foundByName(transfer)
}

/** Adds a transfer to an order's sums. */
export function addMove(coins: OrderCoins, { kind, amountCoins }: OrderMove): OrderCoins {
  if (kind === 'escrow') return { ...coins, paidInCoins: coins.paidInCoins + amountCoins }
  if (kind === 'payment') return { ...coins, paidOutCoins: coins.paidOutCoins + amountCoins }
  if (kind === 'refund') return { ...coins, refundedCoins: coins.refundedCoins + amountCoins }
  return coins
}

export const NO_COINS: OrderCoins = { paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 }

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size))
  return chunks
}
