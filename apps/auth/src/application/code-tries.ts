import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { ThrottleStore } from '@quarry/storage-port'
import type { TooManyGuesses } from './sign-in-throttle.ts'

const MOST_TRIES = 5
/** As long as a code lives: whoever guesses starts anew with the codes that wait by then. */
const SPAN_MS = 15 * 60_000

/** A try that may be evaluated now; it stays counted unless the code was right. */
export interface CodeTry {
  withdraw(): Promise<void>
}

/**
 * Bounds how many wrong user codes an account may type: five in a quarter of an hour, on whatever server. Counted before
 * they are looked at, by compare-and-set. A right code gives no new tries, or a guesser would use codes of its own.
 */
export class CodeTries {
  readonly #store: ThrottleStore
  readonly #clock: Clock

  constructor(store: ThrottleStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async begin(userId: UserId): Promise<Result<CodeTry, TooManyGuesses>> {
    const key = `device-code:${userId}`
    const now = this.#clock.now()
    const before = (await this.#store.throttle(key)) ?? { failures: 0, blockedUntil: 0, version: 0 }
    // Here the time until which it blocks is when its span ends, whether the tries are used up or not.
    const running = now < before.blockedUntil
    const failures = running ? before.failures : 0
    if (failures >= MOST_TRIES) return err({ kind: 'too-many-guesses', retryAfterMs: before.blockedUntil - now })
    const blockedUntil = running ? before.blockedUntil : now + SPAN_MS
    const counted = { failures: failures + 1, blockedUntil, at: now }
    if (!(await this.#store.swapThrottle(key, before.version, counted)))
      return err({ kind: 'too-many-guesses', retryAfterMs: 1000 })
    return ok({
      withdraw: async () => {
        await this.#store.swapThrottle(key, before.version + 1, { failures, blockedUntil, at: this.#clock.now() })
      },
    })
  }
}
