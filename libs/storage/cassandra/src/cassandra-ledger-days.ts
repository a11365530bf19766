import { dayOf, type AccountId, type Day, type Flow, type TransferKind } from '@quarry/domain'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'
import { coinsIn, numberKey, readAccount, readRows } from './cassandra-ledger-rows.ts'
import { untilDecided } from './lost-races.ts'

/** Rounds of the journal that are counted together; each has from one to some 200 entries. */
const ROUNDS_AT_ONCE = 20

type DaySums = Partial<Record<TransferKind, { in: number; out: number }>>

/**
 * What came and went by day, from the table that is counted from the journal: first all entries that were posted since it
 * was last read, then the days asked for. Whoever dies in between has counted whole steps or nothing.
 */
export async function readFlows(
  engine: CassandraEngine,
  account: AccountId,
  days: { from: Day; to: Day },
): Promise<readonly Flow[]> {
  const { nextSeq } = await readAccount(engine, account, 'plain')
  for (let counted = -1; counted < nextSeq;) {
    counted = await untilDecided(`counting the days of ${account}`, () => countOn(engine, account, nextSeq))
  }
  const rows = await engine.readSerial<{ day: number; json: string }>(
    'SELECT day, json FROM ledger_day WHERE account = ? AND day >= ? AND day <= ?',
    account,
    days.from,
    days.to,
  )
  return rows.flatMap(({ day, json }) =>
    Object.entries(JSON.parse(json) as DaySums).map(([kind, sum]) => ({
      day,
      kind: kind as TransferKind,
      inCoins: sum.in,
      outCoins: sum.out,
    })),
  )
}

/** Counts some further entries; returns up to where all are counted, undefined when somebody else was faster. */
async function countOn(engine: CassandraEngine, account: AccountId, nextSeq: number): Promise<number | undefined> {
  const counted = await countedOf(engine, account)
  if ((counted ?? 0) >= nextSeq) return nextSeq
  const rounds = await engine.read<{ id: string; ids: readonly string[] }>(
    'SELECT id, ids FROM ledger_account WHERE account = ? AND part = 2 AND id >= ? LIMIT ?',
    account,
    numberKey(counted ?? 0),
    ROUNDS_AT_ONCE,
  )
  const last = rounds.at(-1)
  if (last === undefined) return nextSeq
  const sums = await sumsOf(
    engine,
    account,
    rounds.flatMap(({ ids }) => ids),
  )
  const until = Number(last.id) + last.ids.length
  const stored = await engine.readSerial<{ day: number | null; json: string | null }>(
    'SELECT day, json FROM ledger_day WHERE account = ? AND day IN ?',
    account,
    [...sums.keys()],
  )
  for (const { day, json } of stored) if (day !== null && json !== null) addTo(sums, day, JSON.parse(json) as DaySums)
  const { applied } = await engine.decide(
    {
      query: 'UPDATE ledger_day SET counted = ? WHERE account = ? IF counted = ?',
      params: [until, account, counted ?? null],
    },
    ...[...sums].map(([day, sum]) => ({
      query: 'INSERT INTO ledger_day (account, day, json) VALUES (?, ?, ?)',
      params: [account, day, JSON.stringify(sum)],
    })),
  )
  return applied ? until : undefined
}

async function countedOf(engine: CassandraEngine, account: AccountId): Promise<number | undefined> {
  const [row] = await engine.readSerial<{ counted: types.Long | null }>(
    'SELECT counted FROM ledger_day WHERE account = ? LIMIT 1',
    account,
  )
  return row?.counted?.toNumber()
}

async function sumsOf(engine: CassandraEngine, account: AccountId, ids: readonly string[]): Promise<Map<Day, DaySums>> {
  const sums = new Map<Day, DaySums>()
  for (const row of await readRows(engine, { account, ids }, 'plain')) {
    const amount = coinsIn(account, row)
    const { kind, at } = row.transfer
    addTo(sums, dayOf(at), { [kind]: { in: Math.max(0, amount), out: Math.max(0, -amount) } })
  }
  return sums
}

function addTo(sums: Map<Day, DaySums>, day: Day, more: DaySums): void {
  const sum = sums.get(day) ?? {}
  for (const [kind, { in: came, out: went }] of Object.entries(more) as [TransferKind, { in: number; out: number }][]) {
    const before = sum[kind] ?? { in: 0, out: 0 }
    sum[kind] = { in: before.in + came, out: before.out + went }
  }
  sums.set(day, sum)
}
