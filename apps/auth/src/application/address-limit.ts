import { err, ok, type Clock, type Instant, type Result } from '@quarry/domain'
import type { TooManyGuesses } from './sign-in-throttle.ts'

const SPAN_MS = 60_000
const MOST_ADDRESSES = 10_000

/**
 * Counts what strangers ask for without a password, by network address and minute, in this process only: it keeps one of
 * them from filling the store, and is no lock.
 */
export class AddressLimit {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #spans = new Map<string, { since: Instant; count: number }>()

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  count(address: string): Result<void, TooManyGuesses> {
    const now = this.#clock.now()
    const span = this.#spans.get(address)
    if (span && now - span.since < SPAN_MS && now >= span.since) {
      if (span.count >= this.#perMinute)
        return err({ kind: 'too-many-guesses', retryAfterMs: SPAN_MS - (now - span.since) })
      span.count++
      return ok(undefined)
    }
    if (this.#spans.size >= MOST_ADDRESSES) this.#spans.clear()
    this.#spans.set(address, { since: now, count: 1 })
    return ok(undefined)
  }
}
