import type { Instant } from '../clock.ts'
import type { OpenHours } from './open-hours.ts'
import type { Times } from './times.ts'

/** As for cron: nothing is due later, and zones need not be asked about years that no calendar shows. */
const LAST_INSTANT = Date.UTC(2999, 0)

/**
 * An interval's grid from `startAt` on, kept to open hours: a grid time outside is left out when the next window has a grid
 * time of its own, and else moves to its opening, together with all others of that closure. So a closed night is not made
 * up for in the morning, and an interval longer than the windows still comes.
 */
export class IntervalTimes implements Times {
  readonly #startAt: Instant
  readonly #intervalMs: number
  readonly #open: OpenHours | undefined

  constructor(startAt: Instant, intervalMs: number, open: OpenHours | undefined) {
    this.#startAt = startAt
    this.#intervalMs = intervalMs
    this.#open = open
  }

  /** O(1), however far apart grid times and windows are. */
  after(instant: Instant): Instant {
    if (instant >= LAST_INSTANT) return Infinity
    const from = Math.max(instant + 1, this.#startAt)
    if (!this.#open) return this.#gridFrom(from)
    const opening = this.#open.openingAt(from)
    const here = this.#gridFrom(Math.max(opening.opensAt, from))
    if (here < opening.closesAt) return here
    if (opening.opensAt >= from && this.#movesTo(opening.opensAt, opening.closesAt)) return opening.opensAt
    const grid = this.#gridFrom(opening.closesAt)
    if (grid >= LAST_INSTANT) return Infinity
    const next = this.#open.openingAt(grid)
    const inNext = this.#gridFrom(next.opensAt)
    return inNext < next.closesAt ? inNext : next.opensAt
  }

  count(from: Instant, until: Instant, most: number): number {
    let count = 0
    this.#walk(from, (run) => {
      if (until >= run.first) count += Math.min(run.length, Math.floor((until - run.first) / this.#intervalMs) + 1)
      return count < most && until > run.last
    })
    return Math.min(count, most)
  }

  nth(from: Instant, steps: number, mostRuns = Infinity): Instant {
    let left = steps
    let runs = 0
    let found = Infinity
    this.#walk(from, (run) => {
      if (left < run.length) found = run.first + left * this.#intervalMs
      left -= run.length
      return left >= 0 && ++runs < mostRuns
    })
    return found
  }

  closesAfter(moment: Instant): Instant {
    return this.#open?.openingAt(moment).closesAt ?? Infinity
  }

  /** The lowest grid time at or after `instant`. */
  #gridFrom(instant: Instant): Instant {
    return this.#startAt + Math.max(0, Math.ceil((instant - this.#startAt) / this.#intervalMs)) * this.#intervalMs
  }

  /** Whether a grid time of the closure before a window moves to its opening: the window has none, the closure has. */
  #movesTo(opensAt: Instant, closesAt: Instant): boolean {
    if (opensAt <= this.#startAt || this.#gridFrom(opensAt) < closesAt) return false
    const before = this.#gridFrom(opensAt) - this.#intervalMs
    return before >= this.#startAt && this.#open?.openingAt(before).opensAt === opensAt
  }

  /** Shows all moments from `from` on, a window's at a time, until `visit` has seen enough. */
  #walk(from: Instant, visit: (run: Run) => boolean): void {
    for (let first = this.after(from - 1); first !== Infinity;) {
      const closesAt = Math.min(this.closesAfter(first), LAST_INSTANT)
      const onGrid = this.#gridFrom(first) === first
      const length = onGrid ? Math.max(1, Math.ceil((closesAt - first) / this.#intervalMs)) : 1
      const last = first + (length - 1) * this.#intervalMs
      if (!visit({ first, last, length })) return
      first = this.after(last)
    }
  }
}

/** Neighbouring grid times. */
interface Run {
  readonly first: Instant
  readonly last: Instant
  readonly length: number
}
