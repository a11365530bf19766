import type { TransferStanding } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { homeOf, readRows, type LedgerRow } from './cassandra-ledger-rows.ts'

/** Rows asked for by id at once. */
const LOOK_UP_ROWS = 200

/** What each id's home says of it. */
export async function readStandings(
  engine: CassandraEngine,
  ids: readonly string[],
): Promise<readonly TransferStanding[]> {
  const rows = new Map<string, LedgerRow>()
  await Promise.all(
    [...Map.groupBy(ids, homeOf)].map(async ([account, all]) => {
      for (let start = 0; start < all.length; start += LOOK_UP_ROWS) {
        const some = { account, ids: all.slice(start, start + LOOK_UP_ROWS) }
        for (const row of await readRows(engine, some, 'plain')) rows.set(row.transfer.id, row)
      }
    }),
  )
  return ids.map((id) => {
    const row = rows.get(id)
    if (row === undefined) return 'unknown'
    return row.state === 'refused' ? 'refused' : 'taken'
  })
}
