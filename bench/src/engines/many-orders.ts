import { bucketOf, newEntry, type Instant } from '@quarry/domain'
import { openRedis } from '@quarry/messaging-redis'
import type { CassandraEngine } from '@quarry/storage-cassandra'
import { anOrder, waitUntil } from '@quarry/testkit'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchOptions } from '../options.ts'
import { round, say } from '../figures.ts'
import { withKeyspace } from './keyspace.ts'
import { cpuPercent, residentMb } from '../process-figures.ts'
import { withEngines } from './running-engines.ts'
import { ServiceProcess } from './service-process.ts'

export interface ManyOrdersFigures {
  readonly orders: number
  readonly loadSeconds: number
  /** Of a scheduler without orders. */
  readonly emptyMb: number
  readonly residentMb: number
  readonly idleCpuPercent: number
  readonly dueAtOnce: number
  readonly emittedPerSecond: number
  readonly residentAfterMb: number
}

interface Place {
  readonly engine: CassandraEngine
  readonly env: Readonly<Record<string, string>>
  readonly redis: string
}

const ROWS_AT_ONCE = 60
const WRITES_AT_ONCE = 16
const DAY_MS = 86_400_000
const HOSTS = 5_000
const SETTLE_MS = 15_000
const IDLE_MS = 30_000
const LOAD_PATIENCE_MS = 600_000
const EMIT_PATIENCE_MS = 300_000
const LOOK_MS = 20

/**
 * One scheduler and one manager as processes, with so many active orders that fall due days later: resident memory and
 * idle CPU; then, started again, a tenth of the orders that all fall due at one moment, into Redis.
 */
export function benchManyOrders({ orders }: BenchOptions): Promise<ManyOrdersFigures> {
  return withEngines(['cassandra', 'redis', 'rabbitmq'], ({ cassandra, redis, rabbitmq }) =>
    withKeyspace(cassandra, async (engine, keyspace) => {
      const env = {
        QUARRY_ENGINES: 'cluster',
        QUARRY_CASSANDRA: cassandra,
        QUARRY_CASSANDRA_KEYSPACE: keyspace,
        QUARRY_REDIS: redis,
        QUARRY_RABBITMQ: rabbitmq,
        QUARRY_ENV: 'test',
        QUARRY_PORT: '0',
        QUARRY_INTERNAL_SECRET: 'bench-only-internal-secret-of-32-letters',
        QUARRY_HOST_GAPS: 'default=0',
      }
      const emptyMb = await withScheduler({ engine, env, redis }, 0, ({ process }) =>
        Promise.resolve(Math.round(residentMb(process.pid))),
      )
      const begun = performance.now()
      const farAway = Date.now() + 3 * DAY_MS
      await seed(
        engine,
        Array.from({ length: orders }, (_, n) => n),
        () => farAway,
      )
      say(`${orders} orders written in ${seconds(begun)} s`)
      return { emptyMb, ...(await measure({ engine, env, redis }, orders)) }
    }),
  )
}

async function measure(place: Place, orders: number): Promise<Omit<ManyOrdersFigures, 'emptyMb'>> {
  const idle = await withScheduler(place, orders, async (scheduler, loadSeconds) => {
    await sleep(SETTLE_MS)
    const idleCpuPercent = round(await cpuPercent(scheduler.process.pid, IDLE_MS))
    return { loadSeconds, residentMb: Math.round(residentMb(scheduler.process.pid)), idleCpuPercent }
  })
  say(JSON.stringify(idle))
  const dueAtOnce = Math.floor(orders / 10)
  const dueAt = Date.now() + (idle.loadSeconds * 2 + 60) * 1000
  await seed(
    place.engine,
    Array.from({ length: dueAtOnce }, (_, n) => n * 10),
    () => dueAt,
  )
  const emitted = await withScheduler(place, orders, async (scheduler) => {
    if (Date.now() > dueAt) throw new Error('the orders fell due before the scheduler had loaded them')
    const emittedPerSecond = await emissionRate(place.redis, { dueAt, dueAtOnce })
    return { emittedPerSecond, residentAfterMb: Math.round(residentMb(scheduler.process.pid)) }
  })
  return { orders, ...idle, dueAtOnce, ...emitted }
}

/** Resolves once one scheduler owns all buckets and watches all orders. */
async function withScheduler<T>(
  { env }: Place,
  orders: number,
  use: (scheduler: ServiceProcess, loadSeconds: number) => Promise<T>,
): Promise<T> {
  const manager = await ServiceProcess.start('scheduler-manager', { ...env, QUARRY_MANAGER_URLS: 'http://127.0.0.1:9' })
  const begun = performance.now()
  try {
    const scheduler = await ServiceProcess.start('scheduler', { ...env, QUARRY_MANAGER_URLS: manager.url })
    try {
      await waitUntil(
        'the scheduler watches every order',
        async () => (await scheduler.metric('quarry_scheduler_heap_orders')) >= orders,
        LOAD_PATIENCE_MS,
      )
      say(`loaded in ${seconds(begun)} s`)
      return await use(scheduler, Number(seconds(begun)))
    } finally {
      await scheduler.process.kill()
    }
  } finally {
    await manager.process.kill()
  }
}

/** Jobs a second from the moment they are due until the last is in the queue. */
async function emissionRate(redis: string, due: { dueAt: Instant; dueAtOnce: number }): Promise<number> {
  const opened = await openRedis(redis)
  const { jobs } = opened
  try {
    await sleep(Math.max(0, due.dueAt - Date.now()))
    const until = Date.now() + EMIT_PATIENCE_MS
    while ((await jobs.depth()).waiting < due.dueAtOnce) {
      if (Date.now() > until) throw new Error(`${(await jobs.depth()).waiting} of ${due.dueAtOnce} were emitted`)
      await sleep(LOOK_MS)
    }
    return Math.round((due.dueAtOnce / (Date.now() - due.dueAt)) * 1000)
  } finally {
    await opened.close()
  }
}

/** Writes the rows as `activate` leaves them, many at once: a million conditional writes would take an hour. */
async function seed(
  engine: CassandraEngine,
  numbers: readonly number[],
  startAt: (n: number) => Instant,
): Promise<void> {
  const groups = [...Map.groupBy(numbers, (n) => bucketOf(orderId(n)))].flatMap(([bucket, all]) =>
    Array.from({ length: Math.ceil(all.length / ROWS_AT_ONCE) }, (_, at) => ({
      bucket,
      part: all.slice(at * ROWS_AT_ONCE, (at + 1) * ROWS_AT_ONCE),
    })),
  )
  let next = 0
  const writer = async () => {
    while (next < groups.length) {
      const { bucket, part } = groups[next++]!
      await engine.writeTogether(part.map((n) => row(bucket, n, startAt(n))))
    }
  }
  await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writer))
}

function row(bucket: number, n: number, startAt: Instant) {
  const host = `www.host-${n % HOSTS}.example`
  const order = anOrder({
    id: orderId(n),
    customerId: uuid(`customer ${n % 20_000}`),
    url: `https://${host}/products/category-${n % 97}/item-${n}.html`,
    host,
    schedule: { kind: 'interval', startAt, intervalMs: 3_600_000 },
    repetitions: 1_000,
    createdAt: startAt - DAY_MS,
  })
  return {
    query: `INSERT INTO schedule_bucket (bucket, part, key, version, changed, json) VALUES (?, 'entry', ?, 1, 0, ?)`,
    params: [bucket, order.id, JSON.stringify(newEntry(order))],
  }
}

function orderId(n: number): string {
  return uuid(`order ${n}`)
}

/** Like the ids that services make, the same at every run. */
function uuid(of: string): string {
  const hex = createHash('sha256').update(of).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}
