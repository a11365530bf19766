import type { AccountId, TransferKind } from '@quarry/domain'
import type { JournalEntry, Page } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { coinsIn, numberKey, readRows } from './cassandra-ledger-rows.ts'

/** Rounds read at once; each has from one to some 200 entries. */
const ROUNDS_AT_ONCE = 10
/** Entries looked through for those of one kind, in one call. */
const MOST_LOOKED_THROUGH = 1_000

interface Entry {
  readonly seq: number
  readonly id: string
}

/** A page of the account's entries, newest first; they are written in one batch with the balance that they explain. */
export async function readJournal(
  engine: CassandraEngine,
  account: AccountId,
  page: { after?: string; limit: number; kind?: TransferKind },
): Promise<Page<JournalEntry>> {
  const { kind, limit } = page
  if (kind === undefined) return readPage(engine, account, page)
  const items: JournalEntry[] = []
  let { after } = page
  for (let seen = 0; seen < MOST_LOOKED_THROUGH; seen += limit) {
    // So many at a time that no entry is read which this page could not take.
    const part = await readPage(engine, account, { limit: limit - items.length, ...(after !== undefined && { after }) })
    items.push(...part.items.filter(({ transfer }) => transfer.kind === kind))
    after = part.next
    if (after === undefined || items.length === limit) break
  }
  return { items, ...(after !== undefined && { next: after }) }
}

async function readPage(
  engine: CassandraEngine,
  account: AccountId,
  { after, limit }: { after?: string; limit: number },
): Promise<Page<JournalEntry>> {
  const entries: Entry[] = []
  for await (const entry of entriesBefore(engine, account, seqOf(after))) {
    entries.push(entry)
    if (entries.length > limit) break
  }
  const shown = entries.slice(0, limit)
  const ids = shown.map(({ id }) => id)
  const rows = new Map((await readRows(engine, { account, ids }, 'plain')).map((row) => [row.transfer.id, row]))
  const last = shown.at(-1)
  return {
    items: shown.map(({ seq, id }) => {
      const row = rows.get(id)
      if (row === undefined) throw new Error(`Entry ${seq} of ${account} has lost its transfer ${id}`)
      return { transfer: row.transfer, amountCoins: coinsIn(account, row) }
    }),
    ...(entries.length > limit && last !== undefined ? { next: String(last.seq) } : {}),
  }
}

async function* entriesBefore(engine: CassandraEngine, account: AccountId, before: number): AsyncGenerator<Entry> {
  for (let end = before; end > 0;) {
    const rounds = await engine.read<{ id: string; ids: readonly string[] }>(
      `SELECT id, ids FROM ledger_account WHERE account = ? AND part = 2 AND id < ? ORDER BY part DESC, id DESC LIMIT ?`,
      account,
      numberKey(end),
      ROUNDS_AT_ONCE,
    )
    for (const { id, ids } of rounds) {
      const first = Number(id)
      for (let seq = Math.min(end, first + ids.length) - 1; seq >= first; seq--) yield { seq, id: ids[seq - first]! }
    }
    const oldest = rounds.at(-1)
    if (oldest === undefined || rounds.length < ROUNDS_AT_ONCE) return
    end = Number(oldest.id)
  }
}

/** A page's last entry; without one, or with one that no page gave, the journal begins at its newest entry. */
function seqOf(after: string | undefined): number {
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : Number.MAX_SAFE_INTEGER
}
