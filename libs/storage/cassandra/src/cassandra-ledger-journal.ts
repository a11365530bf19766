import type { AccountId, Transfer } from '@quarry/domain'
import type { JournalEntry, Page } from '@quarry/storage-port'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'
import {
  foundByName,
  readAccount,
  transferOf,
  transferParams,
  type Long,
  type TransferColumns,
} from './cassandra-ledger-rows.ts'

/** Entries in one partition of the journal. Fixed for ever: readers count on it. */
const SLAB_ENTRIES = 10_000
/** Rows in one plain write. */
const WRITE_ROWS = 200
/** Writes under way at once for one call. */
const WRITES_AT_ONCE = 64

/** A transfer with the numbers of its two entries. */
export interface RecordedTransfer {
  readonly transfer: Transfer
  readonly debitSeq: number
  readonly creditSeq: number
}

const INSERT_ENTRY = `INSERT INTO ledger_journal (account, slab, seq, id, kind, debit, credit, amount, order_id, at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const INSERT_ORDER = 'INSERT INTO ledger_order (order_id, id, kind, debit, credit, amount) VALUES (?, ?, ?, ?, ?, ?)'

/** What the accounts' rows say, once more: by account in order of time, and by order. */
export class LedgerJournal {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  /** Writes both entries of each transfer; again, the same. Done before a transfer becomes final, so none is missing. */
  async record(transfers: readonly RecordedTransfer[]): Promise<void> {
    const rows = transfers.flatMap(({ transfer, debitSeq, creditSeq }) => [
      entryRow(transfer.debit, debitSeq, transfer),
      entryRow(transfer.credit, creditSeq, transfer),
      ...orderRows(transfer),
    ])
    const writes = [...Map.groupBy(rows, ({ partition }) => partition).values()].flatMap((together) =>
      chunks(together, WRITE_ROWS),
    )
    for (const some of chunks(writes, WRITES_AT_ONCE)) {
      await Promise.all(some.map((write) => this.#engine.writeTogether(write)))
    }
  }

  async page(account: AccountId, page: { after?: string; limit: number }): Promise<Page<JournalEntry>> {
    const { nextSeq } = await readAccount(this.#engine, account, 'plain')
    const before = Math.min(seqOf(page.after), nextSeq)
    const entries: (TransferColumns & { readonly seq: Long })[] = []
    for (let slab = slabOf(before); slab >= 0 && entries.length <= page.limit; slab--) {
      entries.push(
        ...(await this.#engine.read<TransferColumns & { readonly seq: Long }>(
          `SELECT seq, id, kind, debit, credit, amount, order_id, at FROM ledger_journal
           WHERE account = ? AND slab = ? AND seq < ? LIMIT ?`,
          account,
          slab,
          before,
          page.limit + 1 - entries.length,
        )),
      )
    }
    const shown = entries.slice(0, page.limit)
    const last = shown.at(-1)
    return {
      items: shown.map((row) => entryOf(account, transferOf(row))),
      ...(entries.length > page.limit && last !== undefined ? { next: last.seq.toString() } : {}),
    }
  }
}

interface PlainRow extends Statement {
  readonly partition: string
}

function entryRow(account: AccountId, seq: number, transfer: Transfer): PlainRow {
  const slab = slabOf(seq)
  return {
    partition: `entries ${slab} ${account}`,
    query: INSERT_ENTRY,
    params: [account, slab, seq, ...transferParams(transfer)],
  }
}

function orderRows(transfer: Transfer): PlainRow[] {
  const { orderId } = transfer
  if (orderId === undefined || foundByName(transfer)) return []
  const [id, kind, debit, credit, amount] = transferParams(transfer)
  return [{ partition: `order ${orderId}`, query: INSERT_ORDER, params: [orderId, id, kind, debit, credit, amount] }]
}

function entryOf(account: AccountId, transfer: Transfer): JournalEntry {
  return { transfer, amountCoins: transfer.debit === account ? -transfer.amountCoins : transfer.amountCoins }
}

function slabOf(seq: number): number {
  return Math.floor(seq / SLAB_ENTRIES)
}

/** A page's last entry; without one, or with one that no page gave, the journal begins at its newest entry. */
function seqOf(after: string | undefined): number {
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : Number.MAX_SAFE_INTEGER
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = []
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size))
  return parts
}
