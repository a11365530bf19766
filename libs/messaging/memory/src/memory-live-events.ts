import type { LiveEvent } from '@quarry/contracts'
import type { LiveEvents, Topic } from '@quarry/messaging-port'
import { callGuarded } from './coalesced-hint.ts'

type Listener = (event: LiveEvent) => void

interface Subscription {
  readonly listener: Listener
  ended: boolean
}

/**
 * Live events within this process. Listeners run after the publisher's own work, in the order of publishing; one that
 * has unsubscribed meanwhile is not called any more.
 */
export class MemoryLiveEvents implements LiveEvents {
  /** Each list is replaced, never changed, so that an event on its way keeps those subscribed when it was published. */
  readonly #subscriptions = new Map<Topic, readonly Subscription[]>()

  publish(topic: Topic, event: LiveEvent): void {
    const subscribed = this.#subscriptions.get(topic)
    if (subscribed === undefined) return
    queueMicrotask(() => {
      for (const subscription of subscribed) {
        if (!subscription.ended) callGuarded(() => subscription.listener(event))
      }
    })
  }

  subscribe(topic: Topic, listener: Listener): () => void {
    const subscription: Subscription = { listener, ended: false }
    this.#subscriptions.set(topic, [...(this.#subscriptions.get(topic) ?? []), subscription])
    return () => {
      if (subscription.ended) return
      subscription.ended = true
      const others = (this.#subscriptions.get(topic) ?? []).filter((other) => other !== subscription)
      if (others.length > 0) this.#subscriptions.set(topic, others)
      else this.#subscriptions.delete(topic)
    }
  }
}
