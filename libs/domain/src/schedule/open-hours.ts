import type { Instant } from '../clock.ts'
import type { TimeWindow } from '../orders/order.ts'
import { zoneDays, type ZoneDays } from './zone-days.ts'

const DAY_MINUTES = 1440
const WEEK_MINUTES = 7 * DAY_MINUTES
const MINUTE_MS = 60_000
const REMEMBERED = 2000
/** A change of clocks can swallow a week's only window; never those of two weeks in a row. */
const WEEKS_SEARCHED = 4

/** From `opensAt` on, until just before `closesAt`. */
export interface Opening {
  readonly opensAt: Instant
  readonly closesAt: Instant
}

/** Minutes from Monday's midnight; `until` may lie in the next week. */
interface Range {
  readonly from: number
  readonly until: number
}

const remembered = new Map<string, OpenHours>()

/** The hours of `windows` in an IANA zone. Throws for a zone or windows that `checkOrder` would refuse. */
export function openHours(windows: readonly TimeWindow[], timeZone: string): OpenHours {
  const key = `${timeZone} ${windows.map((one) => `${one.days.join('')}:${one.fromMinute}-${one.untilMinute}`).join()}`
  const known = remembered.get(key)
  if (known) return known
  const hours = new OpenHours(windows, timeZone)
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(key, hours)
  return hours
}

/** How many minutes of a week are open. */
export function openMinutesOfWeek(windows: readonly TimeWindow[]): number {
  return rangesOf(windows).reduce((sum, { from, until }) => sum + until - from, 0)
}

/**
 * Weekly windows on a zone's clocks; those that touch or overlap are one. On a day on which the clocks change, a window
 * opens and closes when they first show its times or later ones: what a gap swallows does not open, and of an hour that
 * comes twice the first counts.
 */
export class OpenHours {
  readonly #ranges: readonly Range[]
  readonly #zone: ZoneDays

  constructor(windows: readonly TimeWindow[], timeZone: string) {
    this.#ranges = rangesOf(windows)
    if (this.#ranges.length === 0) throw new RangeError('windows that never open')
    this.#zone = zoneDays(timeZone)
  }

  /** The window that is open at `instant`, else the next one to open. */
  openingAt(instant: Instant): Opening {
    const day = this.#zone.dayAt(instant)
    const monday = day - ((((day + 3) % 7) + 7) % 7)
    for (let week = -1; week < WEEKS_SEARCHED; week++) {
      for (const range of this.#ranges) {
        const closesAt = this.#instantOf(monday + 7 * week, range.until)
        if (closesAt <= instant) continue
        const opensAt = this.#instantOf(monday + 7 * week, range.from)
        if (opensAt < closesAt) return { opensAt, closesAt }
      }
    }
    throw new Error(`no window opens for weeks after ${instant}`)
  }

  #instantOf(monday: number, minute: number): Instant {
    const day = Math.floor(minute / DAY_MINUTES)
    return this.#zone.instantOf(monday + day, (minute - day * DAY_MINUTES) * MINUTE_MS)
  }
}

function rangesOf(windows: readonly TimeWindow[]): Range[] {
  const all = windows.flatMap(({ days, fromMinute, untilMinute }) =>
    days.flatMap((day) => {
      const from = (day - 1) * DAY_MINUTES + fromMinute
      // A window that ends no later than it begins reaches into the next day.
      const until = from + (untilMinute > fromMinute ? untilMinute : untilMinute + DAY_MINUTES) - fromMinute
      return until <= WEEK_MINUTES
        ? [{ from, until }]
        : [
            { from, until: WEEK_MINUTES },
            { from: 0, until: until - WEEK_MINUTES },
          ]
    }),
  )
  return overWeekend(merged(all))
}

function merged(ranges: readonly Range[]): Range[] {
  const joined: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && range.from <= last.until)
      joined[joined.length - 1] = { from: last.from, until: Math.max(last.until, range.until) }
    else joined.push(range)
  }
  return joined
}

/** Joins Sunday's last window with Monday's first, when they touch at midnight. */
function overWeekend(ranges: readonly Range[]): Range[] {
  const [first, ...others] = ranges
  const last = others.at(-1)
  if (!first || !last || first.from > 0 || last.until < WEEK_MINUTES) return [...ranges]
  return [...others.slice(0, -1), { from: last.from, until: WEEK_MINUTES + first.until }]
}
