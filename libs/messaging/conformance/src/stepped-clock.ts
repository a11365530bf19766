import type { CancelTimer, Clock, Instant } from '@quarry/domain'
import { setImmediate } from 'node:timers/promises'

interface Timer {
  readonly at: Instant
  readonly action: () => void
}

/** A clock that stands still until it is moved, for adapters that live in the test's own process. */
export class SteppedClock implements Clock {
  #now: Instant
  readonly #timers = new Set<Timer>()

  constructor(now: Instant) {
    this.#now = now
  }

  now(): Instant {
    return this.#now
  }

  after(delayMs: number, action: () => void): CancelTimer {
    const timer = { at: this.#now + delayMs, action }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Moves on by `ms`, timer by timer; between two of them everything under way comes to rest. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    await setImmediate()
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.action()
      await setImmediate()
    }
    this.#now = end
    await setImmediate()
  }

  #nextUntil(end: Instant): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= end)
    return due.reduce<Timer | undefined>((first, timer) => (first && first.at <= timer.at ? first : timer), undefined)
  }
}
