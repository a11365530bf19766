import type { Instant } from '../clock.ts'
import type { OrderId } from '../ids.ts'
import { hash32 } from '../sharding/hash.ts'
import type { Times } from './times.ts'

/**
 * Moments each put off by up to `jitterMs`: always the same for an order's moment, never early, never as late as the
 * moment that follows nor past the window's close, so that their order and number stay. What is put off is the moment, not the
 * repetition: a "run now" moves repetitions along and no time of the others.
 */
export class JitteredTimes implements Times {
  readonly #times: Times
  readonly #jitterMs: number
  readonly #orderId: OrderId

  constructor(times: Times, jitterMs: number, orderId: OrderId) {
    this.#times = times
    this.#jitterMs = jitterMs
    this.#orderId = orderId
  }

  after(instant: Instant): Instant {
    return this.#putOff(this.#firstAfter(instant))
  }

  count(from: Instant, until: Instant, most: number): number {
    const first = this.#firstAfter(from - 1)
    if (first > until) return 0
    const count = this.#times.count(first, until, most + 1)
    if (count > most) return most
    // Only the last moment up to `until` can be put off beyond it.
    const late = this.#firstAfter(until)
    return late <= until ? count - 1 : count
  }

  nth(from: Instant, steps: number, mostRuns?: number): Instant {
    const first = this.#firstAfter(from - 1)
    return first === Infinity ? Infinity : this.#putOff(this.#times.nth(first, steps, mostRuns))
  }

  /** The first moment, not put off yet, that is put off to later than `instant`. */
  #firstAfter(instant: Instant): Instant {
    let moment = this.#times.after(instant - this.#jitterMs - 1)
    while (this.#putOff(moment) <= instant) moment = this.#times.after(moment)
    return moment
  }

  #putOff(moment: Instant): Instant {
    if (moment === Infinity) return Infinity
    const closesAt = this.#times.closesAfter?.(moment) ?? Infinity
    const roomMs = Math.min(this.#jitterMs, Math.min(this.#times.after(moment), closesAt) - moment - 1)
    return roomMs <= 0 ? moment : moment + (hash32(`${this.#orderId}:${moment}`) % (roomMs + 1))
  }
}
