import { Redis } from 'ioredis'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRedis, type OpenedRedis, type OpenRedisOptions } from './open-redis.ts'

/** A queue and topics of their own on a Redis that others use as well: all keys are under a prefix, and go when it closes. */
export async function openHarness(address: string, options: OpenRedisOptions = {}) {
  const keyPrefix = `test:${randomUUID()}:`
  const admin = new Redis(address)
  const opened: OpenedRedis[] = []
  const open = async (more: OpenRedisOptions = {}) => {
    const engine = await openRedis(address, { ...options, ...more, keyPrefix })
    opened.push(engine)
    return engine
  }
  const clear = async () => {
    const keys = await keysOf(admin, keyPrefix)
    if (keys.length > 0) await admin.unlink(...keys)
  }
  return {
    admin,
    keyPrefix,
    open,
    connect: async () => clientOf(await open()),
    now: async () => nowOf(admin),
    pass: (ms: number): Promise<void> => sleep(ms),
    async subscribed() {
      await Promise.all(opened.map((engine) => engine.subscribed()))
    },
    /** Everything at once, as a restart without its log does. */
    loseMemory: clear,
    close: async () => {
      await Promise.all(opened.map((engine) => engine.close()))
      await clear()
      admin.disconnect()
    },
  }
}

/** One client that speaks both ports. */
function clientOf({ jobs, live }: OpenedRedis) {
  return {
    enqueue: jobs.enqueue.bind(jobs),
    claim: jobs.claim.bind(jobs),
    extend: jobs.extend.bind(jobs),
    ack: jobs.ack.bind(jobs),
    release: jobs.release.bind(jobs),
    reap: jobs.reap.bind(jobs),
    holds: jobs.holds.bind(jobs),
    depth: jobs.depth.bind(jobs),
    onClaimable: jobs.onClaimable.bind(jobs),
    identity: jobs.identity.bind(jobs),
    publish: live.publish.bind(live),
    subscribe: live.subscribe.bind(live),
  }
}

async function nowOf(admin: Redis): Promise<number> {
  const [seconds, microseconds] = await admin.time()
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}

async function keysOf(admin: Redis, prefix: string): Promise<string[]> {
  const found = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await admin.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 10_000)
    for (const key of keys) found.add(key)
    cursor = next
  } while (cursor !== '0')
  return [...found]
}
