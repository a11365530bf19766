import type { LiveEvent } from '@quarry/contracts'
import type { LiveEvents, Topic } from '@quarry/messaging-port'
import type { RedisConnection } from './redis-connection.ts'
import type { Subscriptions } from './subscriptions.ts'
import { callGuarded } from './call-guarded.ts'

type Listener = (event: LiveEvent) => void

/** Events that are sent and not yet taken by Redis, at most; a Redis that hangs so costs no more memory. */
const MOST_UNDER_WAY = 10_000

/** What was not delivered since the start. */
export interface LiveEventCounts {
  /** Redis was not there to take them. */
  unsent: number
  /** No events, or of a kind that this release does not know. */
  unreadable: number
}

/** Live events over Redis' publish and subscribe, one channel a topic. While Redis is away events are dropped. */
export class RedisLiveEvents implements LiveEvents {
  readonly #connection: RedisConnection
  readonly #subscriptions: Subscriptions
  readonly #prefix: string
  readonly #counts: LiveEventCounts = { unsent: 0, unreadable: 0 }
  readonly #topics = new Map<Topic, { readonly listeners: Set<{ listener: Listener }>; readonly stop: () => void }>()
  #underWay = 0

  constructor(connection: RedisConnection, subscriptions: Subscriptions, prefix: string) {
    this.#connection = connection
    this.#subscriptions = subscriptions
    this.#prefix = prefix
  }

  /** For metrics. */
  get lost(): Readonly<LiveEventCounts> {
    return this.#counts
  }

  publish(topic: Topic, event: LiveEvent): void {
    if (!this.#connection.isReady || this.#underWay >= MOST_UNDER_WAY) {
      this.#counts.unsent += 1
      return
    }
    this.#underWay += 1
    this.#connection.client
      .publish(this.#channelOf(topic), JSON.stringify(event))
      .catch(() => (this.#counts.unsent += 1))
      .finally(() => (this.#underWay -= 1))
  }

  subscribe(topic: Topic, listener: Listener): () => void {
    const entry = { listener }
    const known = this.#topics.get(topic)
    if (known) known.listeners.add(entry)
    else this.#open(topic, entry)
    return () => {
      const open = this.#topics.get(topic)
      if (!open?.listeners.delete(entry) || open.listeners.size > 0) return
      this.#topics.delete(topic)
      open.stop()
    }
  }

  #open(topic: Topic, first: { listener: Listener }): void {
    const listeners = new Set([first])
    const stop = this.#subscriptions.listen(this.#channelOf(topic), (message) => {
      const event = eventOf(message)
      if (event === undefined) this.#counts.unreadable += 1
      else for (const { listener } of [...listeners]) callGuarded(() => listener(event))
    })
    this.#topics.set(topic, { listeners, stop })
  }

  #channelOf(topic: Topic): string {
    return `${this.#prefix}live:${topic}`
  }
}

const readers: Readonly<Record<LiveEvent['kind'], (event: Readonly<Record<string, unknown>>) => boolean>> = {
  'bucket-changed': () => true,
  'order-changed': ({ orderId }) => typeof orderId === 'string',
  'run-stored': ({ orderId, rep }) => typeof orderId === 'string' && Number.isSafeInteger(rep),
  'import-progress': ({ importId, done, total }) =>
    typeof importId === 'string' && Number.isSafeInteger(done) && Number.isSafeInteger(total),
  'balance-changed': () => true,
  'results-waiting': () => true,
  'miners-changed': () => true,
  'market-changed': () => true,
  'account-changed': () => true,
  'access-ended': ({ userId, grants }) =>
    typeof userId === 'string' && Array.isArray(grants) && grants.every((grant) => typeof grant === 'string'),
  'notifications-changed': () => true,
  'wishes-changed': ({ userId }) => typeof userId === 'string',
  'test-fetch-changed': ({ testId, state }) => typeof testId === 'string' && (state === 'fetching' || state === 'over'),
  'miners-connected': ({ server, count }) => typeof server === 'string' && Number.isSafeInteger(count),
  'deny-list-changed': () => true,
}

/** Undefined for what is no event of this release. */
function eventOf(message: string): LiveEvent | undefined {
  try {
    const said: unknown = JSON.parse(message)
    if (typeof said !== 'object' || said === null || !('kind' in said) || typeof said.kind !== 'string')
      return undefined
    const isEvent = Object.hasOwn(readers, said.kind) && readers[said.kind as LiveEvent['kind']]({ ...said })
    return isEvent ? (said as LiveEvent) : undefined
  } catch {
    return undefined
  }
}
