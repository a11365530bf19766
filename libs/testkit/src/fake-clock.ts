import type { CancelTimer, Clock, Instant } from '@quarry/domain'

interface Timer {
  readonly at: Instant
  readonly order: number
  readonly action: () => void
}

/** A clock that stands still until a test moves it; timers fire in order of their time. */
export class FakeClock implements Clock {
  #now: Instant
  #wallMs = 0
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(start: Instant = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  now(): Instant {
    return this.#now + this.#wallMs
  }

  /** Sets the wall clock forward or (below zero) back; timers, which count elapsed time, do not notice. */
  stepWall(ms: number): void {
    this.#wallMs += ms
  }

  after(delayMs: number, action: () => void): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, action }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves on by so much, firing what falls due, and lets promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.action()
      await settle()
    }
    this.#now = end
    await settle()
  }

  #next(end: Instant): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (!earliest || timer.at < earliest.at || (timer.at === earliest.at && timer.order < earliest.order))
        earliest = timer
    }
    return earliest
  }
}

/** Long enough for chains of promises and for group commits to finish; no time passes on the fake clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}
