import type { LiveEvent } from '@quarry/contracts'
import type { LiveEvents, Topic } from '@quarry/messaging-port'

/** Live events of an engine that is not there yet: hints are dropped until it is, and subscriptions wait for it. */
export class LateLiveEvents implements LiveEvents {
  #live: LiveEvents | undefined
  readonly #waiting = new Set<() => void>()

  /** From now on hints go there. */
  attach(live: LiveEvents): void {
    this.#live = live
    for (const subscribe of this.#waiting) subscribe()
    this.#waiting.clear()
  }

  publish(topic: Topic, event: LiveEvent): void {
    this.#live?.publish(topic, event)
  }

  subscribe(topic: Topic, listener: (event: LiveEvent) => void): () => void {
    if (this.#live) return this.#live.subscribe(topic, listener)
    let stop: (() => void) | undefined
    const subscribe = () => (stop = this.#live?.subscribe(topic, listener))
    this.#waiting.add(subscribe)
    return () => {
      this.#waiting.delete(subscribe)
      stop?.()
    }
  }
}
