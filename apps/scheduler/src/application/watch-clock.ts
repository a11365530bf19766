import type { Instant } from '@quarry/domain'

/** Every clock may be off from the primary manager's by this much. */
const MOST_OFFSET_MS = 500
/** For so long an owner goes by its last look at whose a bucket is, and emits what falls due meanwhile. */
export const LOOK_HOLDS_MS = 500
/** One late message says nothing of the clock: the smallest offset of so many counts. */
const LOOKS = 3

/** Compares this process's clock with the manager's, and tells once when it is off, and once when it is right again. */
export class WatchClock {
  readonly #onChange: (off: boolean, offsetMs: number) => void
  readonly #offsets: number[] = []
  #off = false

  constructor(onChange: (off: boolean, offsetMs: number) => void) {
    this.#onChange = onChange
  }

  /** How far this clock is ahead of the manager's (below zero: behind it), by the best of the last looks. */
  get offsetMs(): number {
    return this.#offsets.reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best), this.#offsets[0] ?? 0)
  }

  /** `theirs` was the manager's time when it sent the message that came in at `ours`. */
  heard(theirs: Instant, ours: Instant): void {
    this.#offsets.push(ours - theirs)
    if (this.#offsets.length > LOOKS) this.#offsets.shift()
    if (this.#offsets.length < LOOKS) return
    const off = Math.abs(this.offsetMs) > MOST_OFFSET_MS
    if (off === this.#off) return
    this.#off = off
    this.#onChange(off, this.offsetMs)
  }

  /** Another manager, another clock. */
  forget(): void {
    this.#offsets.length = 0
  }
}
