import type { UserId } from '@quarry/domain'
import { CassandraEngine, type CassandraOptions } from './cassandra-engine.ts'
import { ResultLog } from './result-log.ts'
import { inParallel } from './result-parallel.ts'
import { ResultRuns } from './result-runs.ts'

const CUSTOMERS_AT_ONCE = 32
/**
 * Segments that stay empty: as many as any customer can have filled between the backup and the loss of what came after it.
 * A segment lasts a day or 10,000 results.
 */
const EMPTY_SEGMENTS = 64

/**
 * To be called once on data that came from a backup, before any service runs on them. Result-clients know cursors from
 * after the backup; results that come now must not get the same ones, or a client would take them for known. So each
 * inbox goes on far behind all that a client can have seen. Answers how many inboxes there are. A call that dies is
 * simply repeated. Throws `Unavailable`, `UnknownOutcome`, `WrongCredentials` and `SchemaMismatch`.
 */
export async function leaveOldCursors(options: CassandraOptions): Promise<number> {
  const engine = await CassandraEngine.open(options)
  try {
    return await leaveAllSegments(engine)
  } finally {
    await engine.close()
  }
}

/** As `leaveOldCursors`, on the tables of results alone. */
export async function leaveAllSegments(engine: CassandraEngine): Promise<number> {
  const rows = await engine.read<{ customer_id: UserId }>('SELECT DISTINCT customer_id, segment FROM inbox')
  const customers = new Set(rows.map((row) => row.customer_id))
  await inParallel(customers, CUSTOMERS_AT_ONCE, (customerId) => leaveSegments(engine, customerId))
  return customers.size
}

async function leaveSegments(engine: CassandraEngine, customerId: UserId): Promise<void> {
  const log = new ResultLog(engine, customerId)
  const runs = new ResultRuns(engine)
  for (let left = EMPTY_SEGMENTS + 1; left > 0;) {
    const head = await log.openHead()
    // What its writer left to whoever comes next: nobody looks back into a closed segment.
    await runs.apply(customerId, await log.entries(head.segment, { from: head.applied, below: head.size }))
    if ((await log.close(head)) !== undefined) left--
  }
}
