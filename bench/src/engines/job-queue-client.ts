import type { Job } from '@quarry/domain'
import { openRedis } from '@quarry/messaging-redis'
import { aJob } from '@quarry/testkit'
import { Queue, Worker } from 'bullmq'
import type { QueueTimes } from './job-queue.ts'

/** One client of a queue: `job-queue-client.js quarry|bullmq REDIS JOBS PREFIX`; prints its `QueueTimes`. */
const [side, url = '', count = '0', prefix = ''] = process.argv.slice(2)

const BATCH = 500
const IN_WORK = 100
const HOSTS = 1_000
const LEASE_MS = 60_000

const now = Date.now()
const jobs = Array.from({ length: Number(count) }, (_, n): Job => {
  const host = `host-${n % HOSTS}.example`
  return aJob({
    orderId: `order-${n % 5_000}`,
    rep: Math.floor(n / 5_000),
    url: `https://${host}/page/${n}`,
    host,
    dueAt: now,
  })
})
const batches = Array.from({ length: Math.ceil(jobs.length / BATCH) }, (_, n) => jobs.slice(n * BATCH, (n + 1) * BATCH))

/** Two claimers of half the jobs in work each, so that one's answer is on its way while the other's is used. */
async function quarry(): Promise<QueueTimes> {
  const redis = await openRedis(url, { keyPrefix: `${prefix}:` })
  const begun = performance.now()
  for (const batch of batches) await redis.jobs.enqueue(batch)
  const enqueued = performance.now()
  let done = 0
  const claimer = async (server: string) => {
    for (;;) {
      const { leases } = await redis.jobs.claim({ server, max: IN_WORK / 2, leaseMs: LEASE_MS })
      if (leases.length === 0) return
      const verdicts = await redis.jobs.ack(leases.map(({ token }) => ({ token })))
      done += verdicts.filter((verdict) => verdict === 'done').length
    }
  }
  await Promise.all([claimer('a'), claimer('b')])
  const ended = performance.now()
  await redis.close()
  return { jobs: done, enqueueMs: enqueued - begun, processMs: ended - enqueued }
}

/** With the quickest of its settings that keep ids unique while jobs are there: what is done is removed at once. */
async function bullmq(): Promise<QueueTimes> {
  const { hostname, port } = new URL(url)
  const connection = { host: hostname, port: Number(port) }
  const queue = new Queue(prefix, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
  await queue.waitUntilReady()
  const begun = performance.now()
  for (const batch of batches) {
    await queue.addBulk(batch.map((job) => ({ name: 'page', data: job, opts: { jobId: job.jobId.replace(':', '-') } })))
  }
  const enqueued = performance.now()
  let done = 0
  const worker = new Worker<Job>(prefix, () => Promise.resolve(), {
    connection: { ...connection, maxRetriesPerRequest: null },
    concurrency: IN_WORK,
  })
  await new Promise<void>((resolve) => {
    worker.on('completed', () => {
      if (++done === jobs.length) resolve()
    })
  })
  const ended = performance.now()
  await worker.close()
  await queue.close()
  return { jobs: done, enqueueMs: enqueued - begun, processMs: ended - enqueued }
}

process.stdout.write(`${JSON.stringify(await (side === 'quarry' ? quarry() : bullmq()))}\n`)
process.exit(0)
