import type { Instant } from '../clock.ts'

export const DAY_MS = 24 * 3600 * 1000
/** No zone is further from UTC than this, on either side. */
const MAX_OFFSET_MS = 16 * 3600 * 1000
const REMEMBERED_ZONES = 600
const REMEMBERED_DAYS = 4000

/** The calendar days of a time zone, numbered from 1970-01-01 local time. */
export interface ZoneDays {
  /** The number of the local day at `instant`. */
  dayAt(instant: Instant): number
  /** How far ahead of UTC the zone is during all of `day`; undefined for a day on which the clocks change. */
  plainOffset(day: number): number | undefined
  /** The first instant at which the zone's clocks show `sinceMidnightMs` of `day`, or anything later. */
  instantOf(day: number, sinceMidnightMs: number): Instant
}

const remembered = new Map<string, ZoneDays>()

/** The days of an IANA zone. Throws `RangeError` for a zone that the platform does not know. */
export function zoneDays(timeZone: string): ZoneDays {
  const known = remembered.get(timeZone)
  if (known) return known
  const days = newZoneDays(timeZone)
  if (remembered.size >= REMEMBERED_ZONES) remembered.clear()
  remembered.set(timeZone, days)
  return days
}

function newZoneDays(timeZone: string): ZoneDays {
  const offsetAt = offsetsOf(timeZone)
  const offsets = new Map<number, number | undefined>()
  const changes = new Map<number, Change>()
  const plainOffset = (day: number) => {
    if (offsets.has(day)) return offsets.get(day)
    const offset = findPlainOffset(offsetAt, day)
    if (offsets.size >= REMEMBERED_DAYS) offsets.clear()
    offsets.set(day, offset)
    return offset
  }
  return {
    plainOffset,
    dayAt(instant) {
      const day = Math.floor(instant / DAY_MS)
      const offset = plainOffset(day)
      // Without a change of clocks near by, the offset of the day by UTC's count holds in the neighbouring day as well.
      if (offset !== undefined) {
        const local = Math.floor((instant + offset) / DAY_MS)
        if (local === day || plainOffset(local) === offset) return local
      }
      return Math.floor((instant + offsetAt(instant)) / DAY_MS)
    },
    instantOf(day, sinceMidnightMs) {
      const offset = plainOffset(day)
      const local = day * DAY_MS + sinceMidnightMs
      if (offset !== undefined) return local - offset
      let change = changes.get(day)
      if (!change) {
        change = changeAround(offsetAt, day)
        if (changes.size >= REMEMBERED_DAYS) changes.clear()
        changes.set(day, change)
      }
      const { at, before, after } = change
      return local - before < at ? local - before : Math.max(at, local - after)
    },
  }
}

interface Change {
  /** The first instant of the new offset. */
  readonly at: Instant
  readonly before: number
  readonly after: number
}

function findPlainOffset(offsetAt: (instant: Instant) => number, day: number): number | undefined {
  const { at, before, after } = changeAround(offsetAt, day)
  if (before === after) return before
  // The day is plain when both readings of the change lie on one side of the day.
  if (at + Math.min(before, after) >= (day + 1) * DAY_MS) return before
  return at + Math.max(before, after) <= day * DAY_MS ? after : undefined
}

/** The change of offset nearest to `day`, if there is one. */
function changeAround(offsetAt: (instant: Instant) => number, day: number): Change {
  let low = day * DAY_MS - MAX_OFFSET_MS
  let high = (day + 1) * DAY_MS + MAX_OFFSET_MS
  const before = offsetAt(low)
  const after = offsetAt(high)
  if (before === after) return { at: high, before, after }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle) === before) low = middle
    else high = middle
  }
  return { at: high, before, after }
}

function offsetsOf(timeZone: string): (instant: Instant) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (instant) => {
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = (
      format.format(instant).match(/\d+/g) ?? []
    ).map(Number)
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
  }
}
