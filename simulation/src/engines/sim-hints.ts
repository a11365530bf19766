import type { LiveEvent } from '@quarry/contracts'
import type { LiveEvents, Topic } from '@quarry/messaging-port'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'

interface Subscription {
  readonly process: SimProcess
  readonly listener: (event: LiveEvent) => void
}

/** Live events between processes: each takes its time, and some never arrive. */
export class SimHints {
  readonly #network: Network
  readonly #topics = new Map<Topic, Set<Subscription>>()

  constructor(network: Network) {
    this.#network = network
  }

  for(process: SimProcess): LiveEvents {
    return {
      publish: (topic, event) => {
        if (process.state !== 'dead' && !process.cutOff) this.#publish(topic, event)
      },
      subscribe: (topic, listener) => this.#subscribe(topic, { process, listener }),
    }
  }

  #publish(topic: Topic, event: LiveEvent): void {
    for (const subscription of this.#topics.get(topic) ?? []) {
      const { process, listener } = subscription
      if (process.cutOff || this.#network.goesWrong(this.#network.weather.lostHint)) continue
      process.deliver(2, () => {
        if (this.#topics.get(topic)?.has(subscription)) listener(event)
      })
    }
  }

  #subscribe(topic: Topic, subscription: Subscription): () => void {
    const subscriptions = this.#topics.get(topic) ?? new Set()
    this.#topics.set(topic, subscriptions.add(subscription))
    const stop = () => {
      subscriptions.delete(subscription)
      if (subscriptions.size === 0 && this.#topics.get(topic) === subscriptions) this.#topics.delete(topic)
    }
    const forget = subscription.process.onDeath(stop)
    return () => {
      forget()
      stop()
    }
  }
}
