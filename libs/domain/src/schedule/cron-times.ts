import { Cron, CronPattern } from 'croner'
import type { Instant } from '../clock.ts'
import { CronClock } from './cron-clock.ts'
import { type CronDays, cronDays } from './cron-days.ts'
import { DAY_MS, type ZoneDays, zoneDays } from './zone-days.ts'

const MODE = '5-or-6-parts'
const REMEMBERED = 2000
const REMEMBERED_ODD_RUNS = 16
/** Croner looks no further than this. */
const LAST_INSTANT = Date.UTC(2999, 0)

const remembered = new Map<string, CronTimes>()

/**
 * The moments at which `expression` (five fields, or six with seconds first) fires in the IANA zone `timeZone`. Throws
 * for an expression or a zone that `checkOrder` would refuse.
 *
 * Daylight saving follows croner: an expression with one value each for second, minute and hour fires after a gap that
 * swallowed its time, and once, the first time, when its time comes twice; any other expression leaves out what a gap
 * swallows and fires in both passes of a repeated hour.
 */
export function cronTimes(expression: string, timeZone: string): CronTimes {
  const key = `${timeZone} ${expression}`
  const known = remembered.get(key)
  if (known) return known
  const times = new CronTimes(expression, timeZone)
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(key, times)
  return times
}

/**
 * Whole seconds, ascending, each once. Croner reads the expression and decides on the days on which the clocks change;
 * on all others the times are counted, as croner takes 50 µs for one and a scheduler that starts asks for millions.
 */
export class CronTimes {
  readonly #cron: Cron
  readonly #clock: CronClock
  readonly #days: CronDays
  readonly #zone: ZoneDays
  readonly #oddRuns = new Map<Instant, readonly Instant[]>()

  constructor(expression: string, timeZone: string) {
    this.#cron = new Cron(expression, { timezone: timeZone, mode: MODE })
    const fields = this.#cron.getPattern()
    if (fields === undefined) throw new RangeError('a date is not a cron expression')
    this.#clock = new CronClock(new CronPattern(fields, timeZone, { mode: MODE }))
    this.#days = cronDays(fields.trim().split(/\s+/).slice(-3).join(' '))
    this.#zone = zoneDays(timeZone)
  }

  /** The lowest moment strictly after `instant`; `Infinity` when there is none before the year 2999. */
  after(instant: Instant): Instant {
    if (instant >= LAST_INSTANT) return Infinity
    const today = this.#zone.dayAt(instant)
    const offset = this.#zone.plainOffset(today)
    if (offset === undefined) return this.#searchAfter(instant)
    if (this.#days.next(today) === today) {
      const index = this.#countUntil(instant + offset - today * DAY_MS)
      if (index < this.#clock.length) return today * DAY_MS - offset + this.#clock.at(index) * 1000
    }
    return this.#firstFrom(today, instant)
  }

  /** How many moments lie from `from` to `until`, both included, but at most `most`. */
  count(from: Instant, until: Instant, most: number): number {
    let count = 0
    this.#walk(from, (run) => {
      const inRun = run.countUntil(until)
      count += inRun
      return count < most && inRun === run.length
    })
    return Math.min(count, most)
  }

  /** The moment `steps` after the first one at or after `from`; `Infinity` when there is none on the first `mostDays` that have one. */
  nth(from: Instant, steps: number, mostDays = Infinity): Instant {
    let left = steps
    let days = 0
    let found = Infinity
    this.#walk(from, (run) => {
      if (left < run.length) found = run.at(left)
      left -= run.length
      return left >= 0 && ++days < mostDays
    })
    return found
  }

  /** Shows all moments from `from` on, in runs of a day or so, until `visit` has seen enough. */
  #walk(from: Instant, visit: (run: Run) => boolean): void {
    let first = this.after(from - 1)
    while (first !== Infinity) {
      const day = this.#zone.dayAt(first)
      const offset = this.#zone.plainOffset(day)
      const run = offset === undefined ? this.#oddRun(first) : this.#plainRun(first, day * DAY_MS - offset)
      if (!visit(run)) return
      first = this.after(run.at(run.length - 1))
    }
  }

  #plainRun(first: Instant, midnight: Instant): Run {
    const skipped = this.#countUntil(first - 1 - midnight)
    return {
      length: this.#clock.length - skipped,
      at: (index) => midnight + this.#clock.at(skipped + index) * 1000,
      countUntil: (until) => Math.max(0, this.#countUntil(Math.min(until - midnight, DAY_MS - 1)) - skipped),
    }
  }

  #oddRun(first: Instant): Run {
    let run = this.#oddRuns.get(first)
    if (!run) {
      const day = this.#zone.dayAt(first)
      const times: Instant[] = []
      for (let due = first; due !== Infinity && this.#zone.dayAt(due) === day; due = this.#searchAfter(due))
        times.push(due)
      run = times
      if (this.#oddRuns.size >= REMEMBERED_ODD_RUNS) this.#oddRuns.clear()
      this.#oddRuns.set(first, run)
    }
    const times = run
    return {
      length: times.length,
      at: (index) => times[index]!,
      countUntil: (until) => (until >= times[times.length - 1]! ? times.length : times.findIndex((due) => due > until)),
    }
  }

  /** How many of a day's moments come no later than `sinceMidnightMs`, which may be negative. */
  #countUntil(sinceMidnightMs: number): number {
    return sinceMidnightMs < 0 ? 0 : this.#clock.countBelow(Math.floor(sinceMidnightMs / 1000) + 1)
  }

  /** The first moment of the days after `today`, which is over at `instant`. */
  #firstFrom(today: number, instant: Instant): Instant {
    const day = this.#days.next(today + 1)
    const offset = day === undefined ? undefined : this.#zone.plainOffset(day)
    if (day === undefined || offset === undefined) return this.#searchAfter(instant)
    return day * DAY_MS - offset + this.#clock.at(0) * 1000
  }

  #searchAfter(instant: Instant): Instant {
    return this.#cron.nextRun(new Date(instant))?.getTime() ?? Infinity
  }
}

interface Run {
  readonly length: number
  at(index: number): Instant
  /** How many of the run come no later than `until`, given that the first may come later. */
  countUntil(until: Instant): number
}
