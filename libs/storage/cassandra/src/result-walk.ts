import type { Instant, UserId } from '@quarry/domain'
import type { Page, StoredRun } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { ResultDays } from './result-days.ts'
import { ResultLog } from './result-log.ts'
import { dayOf, decodeRun } from './result-rows.ts'

/** After every day there will be, and every entry of a segment. */
const LAST_DAY = 100_000_000
const LAST_ENTRY = 2_147_483_647
/** Looked at in one call, so that one call never takes long. */
const SEGMENTS_AT_MOST = 200

/** The next entry to look at. */
interface Place {
  readonly day: number
  readonly customerId: UserId
  readonly segment: number
  readonly n: number
}

/** Everybody's runs, day by day and log by log: what is in a log is stored. */
export async function readStored(
  engine: CassandraEngine,
  { after, limit, since = 0 }: { after?: string; limit: number; since?: Instant },
): Promise<Page<StoredRun>> {
  const days = new ResultDays(engine)
  // Around midnight a segment may be listed under the day before that of its first entry; it has none of a later day.
  const start = placeOf(after) ?? firstOf(Math.max(0, dayOf(since) - 1))
  const items: StoredRun[] = []
  let looked = 0
  for (const day of await days.upTo(LAST_DAY)) {
    if (day < start.day) continue
    let place = day === start.day ? start : firstOf(day)
    for (;;) {
      const segments = await days.segmentsFrom(day, place, SEGMENTS_AT_MOST - looked)
      for (const each of segments) {
        const here = each.customerId === place.customerId && each.segment === place.segment
        const from = here ? place.n : 0
        const { customerId } = each
        const asked = limit - items.length
        const log = new ResultLog(engine, customerId)
        const entries = await log.entries(each.segment, { from, below: LAST_ENTRY, limit: asked })
        for (const { orderId, rep, storedAt, json } of entries)
          if (storedAt >= since) items.push({ storedAt, run: decodeRun({ orderId, rep, customerId }, json) })
        place = { day, ...each, n: (entries.at(-1)?.n ?? from - 1) + 1 }
        if (entries.length === asked) return { items, next: cursorOf(place) }
        place = { day, customerId, segment: each.segment + 1, n: 0 }
      }
      looked += segments.length
      if (looked >= SEGMENTS_AT_MOST) return { items, next: cursorOf(place) }
      if (segments.length === 0) break
    }
  }
  return { items }
}

function firstOf(day: number): Place {
  return { day, customerId: '', segment: 0, n: 0 }
}

function cursorOf({ day, customerId, segment, n }: Place): string {
  return `${day}:${segment}:${n}:${customerId}`
}

function placeOf(cursor: string | undefined): Place | undefined {
  const match = /^(\d{1,9}):(\d{1,9}):(\d{1,10}):(.+)$/s.exec(cursor ?? '')
  return match
    ? { day: Number(match[1]), segment: Number(match[2]), n: Number(match[3]), customerId: match[4]! }
    : undefined
}
