import type { Order, Schedule, ScheduleEntry, Segment } from '@quarry/domain'
import { ByteReader, ByteWriter } from './packed-bytes.ts'

/** What is kept of an order while nothing is due of it. */
export interface PackedOrder {
  readonly entry: ScheduleEntry
  readonly nextRep: number
  readonly maybeEmitted: number
}

const KINDS = ['once', 'interval', 'cron'] as const
const CATCH_UPS = ['latest', 'all', 'none'] as const
const SECURE = 'https://'

/** The second byte: the schedule's kind and the catch-up rule in two bits each, and what is left out. */
const ONE_SEGMENT = 16
const IS_SECURE = 32

/** The first byte. */
const COMPACT = 0
const AS_JSON = 1

/** So many fields and no others, or an entry is not packed field by field: no field that is new to us is lost. */
const ORDER_FIELDS = 11
const ENTRY_FIELDS = 5
const SCHEDULE_FIELDS = { once: 2, interval: 3, cron: 4 }

/**
 * Writes an order into some 120 bytes plus its URL's path, of which its JSON takes four times as many and its objects eight
 * times. An entry out of the ordinary is written as JSON.
 */
export function packOrder({ entry, nextRep, maybeEmitted }: PackedOrder, out: ByteWriter): void {
  const plain = isPlain(entry)
  out.byte(plain ? COMPACT : AS_JSON)
  if (plain) packEntry(entry, out)
  else {
    out.id(entry.order.id)
    out.text(JSON.stringify(entry))
  }
  out.number(nextRep)
  out.number(maybeEmitted)
}

export function unpackOrder(from: ByteReader): PackedOrder {
  const entry = from.byte() === COMPACT ? unpackEntry(from) : unpackJson(from)
  return { entry, nextRep: from.number(), maybeEmitted: from.number() }
}

/** Where the order's id begins in what `packOrder` wrote. */
export const PACKED_ID_AT = 1

function packEntry({ order, segments, runNow }: ScheduleEntry, out: ByteWriter): void {
  const { schedule } = order
  const oneSegment = isFirstSegment(segments, schedule)
  const secure = order.url.startsWith(SECURE)
  out.id(order.id)
  out.byte(
    KINDS.indexOf(schedule.kind) +
      CATCH_UPS.indexOf(order.catchUp) * 4 +
      (oneSegment ? ONE_SEGMENT : 0) +
      (secure ? IS_SECURE : 0),
  )
  out.id(order.customerId)
  out.text(order.name)
  out.text(secure ? order.url.slice(SECURE.length) : order.url)
  out.number(order.host.length)
  out.number(schedule.startAt)
  if (schedule.kind === 'interval') out.number(schedule.intervalMs)
  if (schedule.kind === 'cron') {
    out.text(schedule.expression)
    out.text(schedule.timeZone)
  }
  for (const number of [order.repetitions, order.priceCoins, order.patienceMs, order.createdAt, runNow]) {
    out.number(number)
  }
  if (oneSegment) return
  out.number(segments.length)
  for (const { fromRep, baseAt, immediate } of segments) {
    out.number(fromRep * 2 + (immediate ? 1 : 0))
    out.number(baseAt)
  }
}

function unpackEntry(from: ByteReader): ScheduleEntry {
  const id = from.id()
  const bits = from.byte()
  const customerId = from.id()
  const name = from.text()
  const rest = from.text()
  const url = (bits & IS_SECURE) > 0 ? SECURE + rest : rest
  const hostAt = hostIndex(url)
  const host = url.slice(hostAt, hostAt + from.number())
  const schedule = unpackSchedule(KINDS[bits & 3]!, from)
  const order: Order = {
    ...{ id, customerId, name, url, host, schedule },
    repetitions: from.number(),
    priceCoins: from.number(),
    patienceMs: from.number(),
    catchUp: CATCH_UPS[(bits >> 2) & 3]!,
    createdAt: from.number(),
  }
  const runNow = from.number()
  const segments = (bits & ONE_SEGMENT) > 0 ? [{ fromRep: 0, baseAt: schedule.startAt }] : unpackSegments(from)
  return { order, state: 'active', segments, runNow, closed: false }
}

function unpackSchedule(kind: Schedule['kind'], from: ByteReader): Schedule {
  const startAt = from.number()
  switch (kind) {
    case 'once':
      return { kind, startAt }
    case 'interval':
      return { kind, startAt, intervalMs: from.number() }
    case 'cron':
      return { kind, startAt, expression: from.text(), timeZone: from.text() }
  }
}

function unpackSegments(from: ByteReader): Segment[] {
  return Array.from({ length: from.number() }, () => {
    const head = from.number()
    const fromRep = Math.floor(head / 2)
    const baseAt = from.number()
    return head % 2 === 1 ? { fromRep, baseAt, immediate: true } : { fromRep, baseAt }
  })
}

function unpackJson(from: ByteReader): ScheduleEntry {
  from.id()
  return JSON.parse(from.text()) as ScheduleEntry
}

/** Active, with just the known fields, and all of them as the compact form can tell them. */
function isPlain(entry: ScheduleEntry): boolean {
  const { order, segments } = entry
  const { schedule } = order
  const numbers = [
    ...[order.repetitions, order.priceCoins, order.patienceMs, order.createdAt, entry.runNow, schedule.startAt],
    ...(schedule.kind === 'interval' ? [schedule.intervalMs] : []),
    ...segments.flatMap(({ fromRep, baseAt }) => [fromRep * 2 + 1, baseAt]),
  ]
  const texts = [
    ...[order.id, order.customerId, order.name, order.url],
    ...(schedule.kind === 'cron' ? [schedule.expression, schedule.timeZone] : []),
  ]
  return (
    entry.state === 'active' &&
    !entry.closed &&
    Object.keys(entry).length === ENTRY_FIELDS &&
    Object.keys(order).length === ORDER_FIELDS &&
    Object.keys(schedule).length === SCHEDULE_FIELDS[schedule.kind] &&
    segments.every((segment) => Object.keys(segment).length === (segment.immediate ? 3 : 2)) &&
    order.url.startsWith(order.host, hostIndex(order.url)) &&
    texts.every((text) => text.isWellFormed()) &&
    numbers.every((number) => Number.isSafeInteger(number) && number >= 0)
  )
}

function isFirstSegment(segments: readonly Segment[], { startAt }: Schedule): boolean {
  const [first] = segments
  return segments.length === 1 && first?.fromRep === 0 && first.baseAt === startAt && first.immediate === undefined
}

function hostIndex(url: string): number {
  return url.indexOf('://') + 3
}
