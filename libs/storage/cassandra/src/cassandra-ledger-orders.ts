import { escrowAccount, type AccountId, type OrderId, type TransferKind } from '@quarry/domain'
import type { OrderCoins } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { kindOf, readRowsAfter, foundByName, type LedgerRow, type Long } from './cassandra-ledger-rows.ts'

const PAGE_ROWS = 1_000

/** A posted transfer of an order, as far as the order's sums go. */
export interface OrderMove {
  readonly kind: TransferKind
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amountCoins: number
}

/** Every posted transfer of the order, a page at a time: those that its home's rows show by name, then the indexed ones. */
export async function* movesOfOrder(engine: CassandraEngine, orderId: OrderId): AsyncGenerator<OrderMove> {
  const home = escrowAccount(orderId)
  const [first, beyond] = [`${orderId}:`, `${orderId};`]
  for (let after = first; ;) {
    const rows = await readRowsAfter(engine, home, { after, before: beyond, limit: PAGE_ROWS })
    for (const row of rows) if (countsByName(row, orderId)) yield row.transfer
    if (rows.length < PAGE_ROWS) break
    after = rows.at(-1)!.transfer.id
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

/** Whether the row, at its home, stands for a posted transfer of the order that no index shows. */
function countsByName({ transfer, state }: LedgerRow, orderId: OrderId): boolean {
  return state === 'posted' && transfer.orderId === orderId && foundByName(transfer)
}

/** Adds a transfer to an order's sums. */
export function addMove(coins: OrderCoins, { kind, amountCoins }: OrderMove): OrderCoins {
  if (kind === 'escrow') return { ...coins, paidInCoins: coins.paidInCoins + amountCoins }
  if (kind === 'payment') return { ...coins, paidOutCoins: coins.paidOutCoins + amountCoins }
  if (kind === 'refund') return { ...coins, refundedCoins: coins.refundedCoins + amountCoins }
  return coins
}

export const NO_COINS: OrderCoins = { paidInCoins: 0, paidOutCoins: 0, refundedCoins: 0 }
