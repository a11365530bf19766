import type { Clock } from '@quarry/domain'
import type { JobQueue, LiveEvents, Presence } from '@quarry/messaging-port'
import { RedisConnection } from './redis-connection.ts'
import { RedisJobQueue, type RedisJobQueueOptions } from './redis-job-queue.ts'
import { RedisLiveEvents } from './redis-live-events.ts'
import { RedisPresence } from './redis-presence.ts'
import { Subscriptions } from './subscriptions.ts'

export interface OpenRedisOptions extends Omit<RedisJobQueueOptions, 'prefix'> {
  /** Put before every key and every channel. Channels know no databases: two users of one Redis need two prefixes. */
  readonly keyPrefix?: string
  /** For timers; default: the machine's. */
  readonly clock?: Clock
}

/** Redis, opened for one process. */
export interface OpenedRedis {
  readonly jobs: JobQueue
  readonly live: LiveEvents & Pick<RedisLiveEvents, 'lost'>
  readonly presence: Presence
  /** Resolves when Redis answers and can be written to. Throws `Unavailable`. */
  check(): Promise<void>
  /** Resolves when every subscription made or ended so far is in effect. */
  subscribed(): Promise<void>
  /** Calls under way fail; no listener hears anything more. */
  close(): Promise<void>
}

/**
 * Connects to `redis://[user:password@]host:port[/database]` and gives it the queue's functions. Throws `Unavailable`,
 * saying why, when it cannot be used now, and `WrongCredentials` when it refuses them; once open, lost connections are made again by themselves, functions included.
 */
export async function openRedis(url: string, options: OpenRedisOptions = {}): Promise<OpenedRedis> {
  const { keyPrefix: prefix = '', clock = machineClock, ...queueOptions } = options
  const connection = new RedisConnection(url)
  const listening = new RedisConnection(url)
  const subscriptions = new Subscriptions(listening)
  const jobs = new RedisJobQueue({ connection, subscriptions, clock }, { ...queueOptions, prefix })
  const close = async () => {
    jobs.close()
    connection.close()
    listening.close()
  }
  try {
    await connection.open()
    await listening.open()
    await jobs.prepare()
  } catch (error) {
    await close()
    throw error
  }
  return {
    jobs,
    live: new RedisLiveEvents(connection, subscriptions, prefix),
    presence: new RedisPresence(connection, { prefix, now: options.now }),
    async check() {
      await connection.call('reads', 'SET', [`${prefix}checked`, '1'])
    },
    subscribed: () => subscriptions.settled(),
    close,
  }
}

const machineClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}
