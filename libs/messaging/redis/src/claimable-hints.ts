import type { CancelTimer, Clock, Instant } from '@quarry/domain'
import type { Subscriptions } from './subscriptions.ts'
import { callGuarded } from './call-guarded.ts'

/** What a look at the queue tells. */
export interface Outlook {
  readonly isReady: boolean
  /** In how long something becomes claimable by time alone; undefined: nothing waits for that. */
  readonly nextInMs: number | undefined
}

/** Looks by time are at least so far apart: many hosts whose pauses end one after the other share one. */
const LEAST_APART_MS = 5
const RETRY_MS = 1_000
/** Timers are not made for more; a look then sees that nothing is ready yet. */
const MOST_APART_MS = 600_000

/**
 * Tells listeners when something may be claimable: when Redis says so, at the next time that Redis named, and whenever
 * the connection is restored. Costs nothing while nobody listens.
 */
export class ClaimableHints {
  readonly #subscriptions: Subscriptions
  readonly #channel: string
  readonly #clock: Clock
  readonly #look: () => Promise<Outlook>
  readonly #listeners = new Set<{ readonly listener: () => void }>()
  #stopListening: (() => void) | undefined
  #timer: { readonly at: Instant; readonly cancel: CancelTimer } | undefined
  #pending = false

  constructor(deps: { subscriptions: Subscriptions; channel: string; clock: Clock; look: () => Promise<Outlook> }) {
    this.#subscriptions = deps.subscriptions
    this.#channel = deps.channel
    this.#clock = deps.clock
    this.#look = deps.look
  }

  listen(listener: () => void): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    this.#stopListening ??= this.#start()
    return () => {
      this.#listeners.delete(entry)
      if (this.#listeners.size === 0) this.stop()
    }
  }

  stop(): void {
    this.#listeners.clear()
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #start(): () => void {
    const stopChannel = this.#subscriptions.listen(this.#channel, (message) => this.#heed(message))
    const stopRestored = this.#subscriptions.onRestored(() => void this.#lookNow())
    void this.#lookNow()
    return () => {
      stopChannel()
      stopRestored()
    }
  }

  /** `1` or `0`, whether something is claimable now, and in how many milliseconds the next thing is, or `-`. */
  #heed(message: string): void {
    const [ready, nextInMs] = message.split(' ')
    if (ready === '1') this.#give()
    if (nextInMs !== undefined && nextInMs !== '-') this.#arm(Number(nextInMs))
  }

  async #lookNow(): Promise<void> {
    try {
      const { isReady, nextInMs } = await this.#look()
      if (isReady) this.#give()
      if (nextInMs !== undefined) this.#arm(nextInMs)
    } catch {
      // A Redis that is away is looked at when it is back; this is for one that hangs.
      this.#arm(RETRY_MS)
    }
  }

  /** The one timer is only ever moved nearer. */
  #arm(delayMs: number): void {
    if (this.#stopListening === undefined || !Number.isFinite(delayMs)) return
    const waitMs = Math.min(MOST_APART_MS, Math.max(LEAST_APART_MS, Math.ceil(delayMs)))
    const at = this.#clock.now() + waitMs
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(waitMs, () => {
      this.#timer = undefined
      void this.#lookNow()
    })
    this.#timer = { at, cancel }
  }

  #give(): void {
    if (this.#pending) return
    this.#pending = true
    queueMicrotask(() => {
      this.#pending = false
      for (const entry of [...this.#listeners]) {
        if (this.#listeners.has(entry)) callGuarded(entry.listener)
      }
    })
  }
}
