import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { ThrottleState, ThrottleStore } from '@quarry/storage-port'

const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 60 * 60 * 1000
const NEVER: ThrottleState = { failures: 0, blockedUntil: 0, version: 0 }

/** A guess came too soon after the last; it was not looked at. */
export interface TooManyGuesses {
  readonly kind: 'too-many-guesses'
  readonly retryAfterMs: number
}

/** A guess that may be evaluated now. It counts as wrong until it is said to be otherwise, so a crash gives none away. */
export interface Guess {
  /** All factors were right: the counter starts anew. */
  succeed(): Promise<void>
  /** It was no guess after all (nothing wrong was shown): the counter stands where it stood. */
  withdraw(): Promise<void>
}

/** The delay after so many wrong guesses in a row: 1 s, doubling, at most an hour. */
export function delayAfterMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS)
}

/**
 * Bounds how many guesses are evaluated. A guess is counted before it is evaluated, by compare-and-set, so that a
 * thousand sent at once to any number of servers are one. Keys are the caller's choice of whom to count together.
 */
export class SignInThrottle {
  readonly #store: ThrottleStore
  readonly #clock: Clock

  constructor(store: ThrottleStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async begin(key: string): Promise<Result<Guess, TooManyGuesses>> {
    const now = this.#clock.now()
    const before = (await this.#store.throttle(key)) ?? NEVER
    if (now < before.blockedUntil) return err({ kind: 'too-many-guesses', retryAfterMs: before.blockedUntil - now })
    const failures = before.failures + 1
    const counted = { failures, blockedUntil: now + delayAfterMs(failures), at: now }
    if (!(await this.#store.swapThrottle(key, before.version, counted))) {
      return err({ kind: 'too-many-guesses', retryAfterMs: delayAfterMs(failures) })
    }
    const replace = async (next: Pick<ThrottleState, 'failures' | 'blockedUntil'>) => {
      await this.#store.swapThrottle(key, before.version + 1, { ...next, at: this.#clock.now() })
    }
    return ok({
      succeed: () => replace({ failures: 0, blockedUntil: 0 }),
      withdraw: () => replace({ failures: before.failures, blockedUntil: before.blockedUntil }),
    })
  }
}

/** The counter of guesses made with an access token of the user; strangers' guesses do not count there. */
export function signedInCounter(userId: UserId): string {
  return `signed-in:${userId}`
}
