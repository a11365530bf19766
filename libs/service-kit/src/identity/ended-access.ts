import { ACCESS_TOKEN_LIFE_MS } from '@quarry/contracts'
import type { Clock, Instant, UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'

/** Grants that are kept at most; beyond, the oldest are forgotten, and their tokens live on for their five minutes. */
const MOST = 100_000

interface Grant {
  readonly userId: UserId
  readonly grant?: string | undefined
}

/**
 * What access this process has heard to be over before its time: sessions that were signed out, API tokens that were
 * revoked. Each is remembered for as long as an access token of it may still be about.
 */
export class EndedAccess {
  readonly #clock: Pick<Clock, 'now'>
  readonly #ended = new Map<string, Instant>()
  readonly #listeners = new Map<string, Set<() => void>>()

  constructor(live: LiveEvents | undefined, clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    live?.subscribe('access', (event) => {
      if (event.kind !== 'access-ended') return
      for (const grant of event.grants) this.#end(keyOf({ userId: event.userId, grant }))
    })
  }

  /** Whether it is over; false as well when nobody told this process. */
  has(of: Grant): boolean {
    return of.grant !== undefined && this.#ended.has(keyOf(of))
  }

  /** Calls back once, when it ends; returns how to stop listening. */
  when(of: Grant, listener: () => void): () => void {
    if (of.grant === undefined) return () => undefined
    if (this.has(of)) listener()
    const key = keyOf(of)
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#listeners.delete(key)
    }
  }

  #end(key: string): void {
    this.#forget()
    // Anew at the end of the map, which is in the order of time.
    this.#ended.delete(key)
    this.#ended.set(key, this.#clock.now() + ACCESS_TOKEN_LIFE_MS)
    const listeners = [...(this.#listeners.get(key) ?? [])]
    this.#listeners.delete(key)
    for (const listener of listeners) listener()
  }

  #forget(): void {
    const now = this.#clock.now()
    for (const [key, until] of this.#ended) {
      if (until > now && this.#ended.size < MOST) return
      this.#ended.delete(key)
    }
  }
}

function keyOf({ userId, grant }: Grant): string {
  return `${userId} ${grant}`
}
