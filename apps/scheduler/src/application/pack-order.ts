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
/** Instead of the number of a shared text, plus one: the text itself follows. */
const WRITTEN_OUT = 0

/** The first byte. */
const COMPACT = 0
const AS_JSON = 1

/** So many fields and no others, or an entry is not packed field by field: no field that is new to us is lost. */
const ORDER_FIELDS = 11
const ENTRY_FIELDS = 5
const SCHEDULE_FIELDS = { once: 2, interval: 3, cron: 4 }

/** Gives a text that many orders share a number, or none. */
type NumberOf = (text: string) => number | undefined
/** The text of a number that `NumberOf` gave. */
type TextOf = (number: number) => string

/**
 * Writes an order into some 55 bytes plus its URL's path, of which its JSON takes eight times as many and its objects far
 * more. Its customer and its host are asked a number for, which stands for them. An entry out of the ordinary is written as
 * JSON.
 */
export function packOrder({ entry, nextRep, maybeEmitted }: PackedOrder, out: ByteWriter, numberOf: NumberOf): void {
  const plain = isPlain(entry)
  out.byte(plain ? COMPACT : AS_JSON)
  if (plain) packEntry(entry, out, numberOf)
  else {
    out.id(entry.order.id)
    out.text(JSON.stringify(entry))
  }
  out.number(nextRep)
  out.number(maybeEmitted)
}

/** Asks once for the text of each number that packing the order was given. */
export function unpackOrder(from: ByteReader, textOf: TextOf): PackedOrder {
  const entry = from.byte() === COMPACT ? unpackEntry(from, textOf) : unpackJson(from)
  return { entry, nextRep: from.number(), maybeEmitted: from.number() }
}

/** Where the order's id begins in what `packOrder` wrote. */
export const PACKED_ID_AT = 1

function packEntry({ order, segments, runNow }: ScheduleEntry, out: ByteWriter, numberOf: NumberOf): void {
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
  if (!packNumbered(order.customerId, out, numberOf)) out.id(order.customerId)
  out.text(order.name)
  const from = secure ? SECURE.length : 0
  if (secure && packNumbered(order.host, out, numberOf)) out.text(order.url.slice(from + order.host.length))
  else {
    if (!secure) out.byte(WRITTEN_OUT)
    out.text(order.url.slice(from))
    out.number(order.host.length)
  }
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

/** Writes the number that stands for the text; false, and the text itself is to follow, when it has none. */
function packNumbered(text: string, out: ByteWriter, numberOf: NumberOf): boolean {
  const number = numberOf(text)
  out.number(number === undefined ? WRITTEN_OUT : number + 1)
  return number !== undefined
}

function unpackEntry(from: ByteReader, textOf: TextOf): ScheduleEntry {
  const id = from.id()
  const bits = from.byte()
  const customerId = unpackNumbered(from, textOf) ?? from.id()
  const name = from.text()
  const { url, host } = unpackAddress(from, { secure: (bits & IS_SECURE) > 0, textOf })
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

function unpackNumbered(from: ByteReader, textOf: TextOf): string | undefined {
  const number = from.number()
  return number === WRITTEN_OUT ? undefined : textOf(number - 1)
}

function unpackAddress(from: ByteReader, { secure, textOf }: { secure: boolean; textOf: TextOf }) {
  const start = secure ? SECURE : ''
  const known = unpackNumbered(from, textOf)
  if (known !== undefined) return { url: start + known + from.text(), host: known }
  const url = start + from.text()
  const hostAt = hostIndex(url)
  return { url, host: url.slice(hostAt, hostAt + from.number()) }
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
    ...[order.id, order.customerId, order.name, order.url, order.host],
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
