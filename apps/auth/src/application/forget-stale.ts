import type { CancelTimer, Clock } from '@quarry/domain'
import type { SessionStore, ThrottleStore } from '@quarry/storage-port'

const EVERY_MS = 10 * 60_000
const BATCH = 500
/** A counter that nobody touched for so long starts anew; well above the longest delay. */
const THROTTLE_LIFE_MS = 24 * 60 * 60_000

/** Clears away counters of guesses long past and sessions that have expired, a batch every few minutes. */
export class ForgetStale {
  readonly #store: ThrottleStore & SessionStore
  readonly #clock: Clock
  #cancel: CancelTimer | undefined

  constructor(store: ThrottleStore & SessionStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** One round; goes on at once while there is more than a batch. */
  async run(): Promise<void> {
    const now = this.#clock.now()
    while ((await this.#store.forgetThrottles(now - THROTTLE_LIFE_MS, BATCH)) === BATCH);
    while ((await this.#store.forgetSessions(now, BATCH)) === BATCH);
  }

  /** Runs now and then until `stop`; a failed round is told to `onFailure` and made good by the next. */
  start(onFailure: (error: unknown) => void): void {
    this.#cancel = this.#clock.after(EVERY_MS, () => {
      this.start(onFailure)
      this.run().catch(onFailure)
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
