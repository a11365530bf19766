import type { Instant } from '../clock.ts'

/** A schedule's moments that are no plain arithmetic: ascending, each once, the same whoever asks. */
export interface Times {
  /** The lowest moment strictly after `instant`; `Infinity` when there is none before the year 2999. */
  after(instant: Instant): Instant
  /** How many moments lie from `from` to `until`, both included, but at most `most`. */
  count(from: Instant, until: Instant, most: number): number
  /** The moment `steps` after the first one at or after `from`; `Infinity` when there is none in the first `mostRuns` days or windows that have one. */
  nth(from: Instant, steps: number, mostRuns?: number): Instant
  /** When the window open at `moment` closes; absent when nothing ever closes. */
  closesAfter?(moment: Instant): Instant
}
