import type { CancelTimer, Clock } from '@quarry/domain'
import type { UserStore } from '@quarry/storage-port'

const EVERY_MS = 10 * 60_000
const BATCH = 500
/** A counter that nobody touched for so long starts anew; well above the longest delay. */
const THROTTLE_LIFE_MS = 24 * 60 * 60_000

/** A device that asks for long after its code expired is still told so. */
const GRANT_REST_MS = 60 * 60_000

type Forgotten = 'forgetThrottles' | 'forgetSessions' | 'forgetPasswordResets' | 'deviceGrants'

/** Clears away counters of guesses long past, sessions, links and codes of devices that have expired, a batch every few minutes. */
export class ForgetStale {
  readonly #store: Pick<UserStore, Forgotten>
  readonly #clock: Clock
  #cancel: CancelTimer | undefined

  constructor(store: Pick<UserStore, Forgotten>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** One round; goes on at once while there is more than a batch. */
  async run(): Promise<void> {
    const now = this.#clock.now()
    while ((await this.#store.forgetThrottles(now - THROTTLE_LIFE_MS, BATCH)) === BATCH);
    while ((await this.#store.forgetSessions(now, BATCH)) === BATCH);
    while ((await this.#store.deviceGrants.forgetGrants(now - GRANT_REST_MS, BATCH)) === BATCH);
    while ((await this.#store.forgetPasswordResets(now, BATCH)) === BATCH);
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
