import type { Instant, OrderId, UserId } from '@quarry/domain'
import type { InboxEntry } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { ResultLog, type LogEntry } from './result-log.ts'
import { decodeRun } from './result-rows.ts'

interface Place {
  readonly segment: number
  /** The first entry not yet read. */
  readonly from: number
}

const DIGITS = 8
/** Entries read at once when most of them are perhaps not wanted. */
const SIFTED_ENTRIES = 500

/** The part of an inbox that a reader asks for. */
export interface InboxPart {
  readonly after?: string
  readonly limit: number
  readonly orderId?: OrderId
  readonly since?: Instant
}

/**
 * Reads a customer's log in order. Where a segment stands is read first, and then no entry beyond that: whatever was
 * decided before the decision seen had been confirmed, so no entry can come to light before one that was read.
 */
export async function readInbox(engine: CassandraEngine, customerId: UserId, part: InboxPart): Promise<InboxEntry[]> {
  const log = new ResultLog(engine, customerId)
  const wanted = ({ orderId, storedAt }: LogEntry) =>
    (part.orderId === undefined || orderId === part.orderId) && storedAt >= (part.since ?? -Infinity)
  const sifts = part.orderId !== undefined || part.since !== undefined
  const found: InboxEntry[] = []
  let { segment, from } = placeAfter(part.after) ?? { segment: 0, from: 0 }
  const { first } = await log.range()
  if (segment < first) [segment, from] = [first, 0]
  for (;;) {
    const head = await log.glance(segment)
    // All of a segment that ended before the time asked for is passed over.
    const passed = head.closed && part.since !== undefined && head.newest < part.since
    while (!passed && from < head.size && found.length < part.limit) {
      const limit = sifts ? SIFTED_ENTRIES : part.limit - found.length
      const entries = await log.entries(segment, { from, below: head.size, limit })
      for (const entry of entries.filter(wanted)) found.push(shown(customerId, segment, entry))
      const last = entries.at(-1)
      from = last === undefined || entries.length < limit ? head.size : last.n + 1
    }
    if (found.length >= part.limit || !head.closed) return found.slice(0, part.limit)
    segment++
    from = 0
  }
}

function shown(customerId: UserId, segment: number, { n, orderId, rep, storedAt, json }: LogEntry): InboxEntry {
  return {
    cursor: `${String(segment).padStart(DIGITS, '0')}${String(n).padStart(DIGITS, '0')}`,
    storedAt,
    run: decodeRun({ orderId, rep, customerId }, json),
  }
}

/** Undefined for no cursor, and for a text that this store never gave. */
function placeAfter(cursor: string | undefined): Place | undefined {
  if (cursor === undefined || !/^\d{16}$/.test(cursor)) return undefined
  return { segment: Number(cursor.slice(0, DIGITS)), from: Number(cursor.slice(DIGITS)) + 1 }
}
