import type { Instant } from '../clock.ts'

/**
 * The frontier's own time, which never runs backwards. A wall clock set back would freeze every host and every lease
 * until it came round again; here the time simply goes on from where it was, and instants that callers name are
 * translated as long as the difference lasts. A clock set forward cannot be told from a process that slept: what was
 * due in between is due at once.
 */
export class SteadyTime {
  #last = -Infinity
  #aheadMs = 0

  /** The steady time of a reading of the wall clock; readings are to be given in the order they were made. */
  read(now: Instant): Instant {
    const steady = now + this.#aheadMs
    if (steady >= this.#last) {
      this.#last = steady
    } else {
      this.#aheadMs += this.#last - steady
    }
    return this.#last
  }

  fromWall(instant: Instant): Instant {
    return instant + this.#aheadMs
  }

  toWall(steady: Instant): Instant {
    return steady - this.#aheadMs
  }
}
