import type { JobQueue } from '@quarry/messaging-port'
import { onEngine } from '@quarry/engines-under-test'
import { jobFixture, jobFixtures } from '@quarry/messaging-conformance'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openRedis } from './open-redis.ts'
import { OwnRedis } from './test-server.ts'

const request = { server: 'server-1', max: 10, leaseMs: 60_000 }

async function start(...settings: string[]) {
  const server = await OwnRedis.start(...settings)
  const redis = await openRedis(server.url)
  onTestFinished(async () => {
    await redis.close()
    await server.remove()
  })
  return { server, redis, jobs: redis.jobs }
}

async function until(probe: () => Promise<boolean> | boolean): Promise<void> {
  await expect.poll(async () => probe(), { timeout: 20_000, interval: 20 }).toBe(true)
}

/** Undefined when the call does not fail. */
const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

const answers = (jobs: JobQueue) => until(async () => (await failureOf(jobs.depth())) === undefined)

// Each test kills a server of its own; whether this machine has one is told by the engine that the suites run on.
onEngine('redis', () => {
  test('while Redis is dead every call fails at once as unavailable; when it is back with its log, all is as it was', async () => {
    const { server, redis, jobs } = await start()
    const now = Date.now()
    await jobs.enqueue(jobFixtures(3, now))
    const [lease] = (await jobs.claim({ ...request, max: 1 })).leases
    const before = await jobs.identity()
    await server.kill()
    await until(async () => (await failureOf(jobs.depth())) !== undefined)
    const calls = [
      jobs.enqueue([jobFixture(9, now)]),
      jobs.claim(request),
      jobs.extend([lease?.token ?? ''], 1),
      jobs.ack([{ token: lease?.token ?? '' }]),
      jobs.release([{ token: lease?.token ?? '', notBefore: now, attempted: false }]),
      jobs.reap(request),
      jobs.holds(['order-1:1']),
      jobs.depth(),
      jobs.identity(),
      redis.check(),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
    }
    await server.startAgain()
    await answers(jobs)
    await redis.check()
    expect(await jobs.depth()).toEqual({ waiting: 2, leased: 1, dead: 0 })
    expect(await jobs.ack([{ token: lease?.token ?? '' }])).toEqual(['done'])
    expect(await jobs.identity()).not.toBe(before)
  })

  test('a Redis that comes back without its data, and so without functions, is given them and used', async () => {
    const { server, jobs } = await start()
    const now = Date.now()
    await jobs.enqueue([jobFixture(1, now)])
    const [lost] = (await jobs.claim(request)).leases
    const before = await jobs.identity()
    await server.kill()
    await server.loseData()
    await server.startAgain()
    await answers(jobs)
    expect(await jobs.identity()).not.toBe(before)
    expect(await jobs.ack([{ token: lost?.token ?? '' }])).toEqual(['stale'])
    expect(await jobs.enqueue([jobFixture(1, now)])).toEqual(['queued'])
    expect((await jobs.claim(request)).leases).toHaveLength(1)
  })

  test('calls that are under way when Redis dies all end, and their outcome is unknown', async () => {
    const { server, jobs } = await start()
    const now = Date.now()
    server.signal('SIGSTOP')
    const calls = [
      jobs.enqueue([jobFixture(1, now)]),
      jobs.claim(request),
      jobs.ack([{ token: 'server-1:0.L1000000000001abcdef0123451.1' }]),
      jobs.reap(request),
    ]
    const reads = [jobs.depth(), jobs.holds(['order-1:1'])]
    const outcomes = Promise.allSettled([...calls, ...reads])
    await server.kill()
    const names = (await outcomes).map((outcome) => outcome.status === 'rejected' && (outcome.reason as Error).name)
    expect(names).toEqual([...calls.map(() => 'UnknownOutcome'), 'Unavailable', 'Unavailable'])
    await server.startAgain()
    await answers(jobs)
  })

  test('a call that was under way when the connection broke ends with it, though the next connection is made at once', async () => {
    const { server, jobs } = await start()
    const busy = "local from = redis.call('TIME'); repeat local now = redis.call('TIME') until now[1] - from[1] >= 2"
    let call: Promise<unknown> | undefined
    await server.administer(async (admin) => {
      const broken = admin.pipeline().eval(busy, 0).call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').exec()
      await sleep(200)
      call = failureOf(jobs.enqueue([jobFixture(1, Date.now())]))
      await broken
    })
    expect(await call).toMatchObject({ name: 'UnknownOutcome', message: expect.not.stringContaining('timed out') })
    await answers(jobs)
  })

  test('a call to a Redis that hangs is given up, and the next ones work when it goes on', async () => {
    const { server, jobs } = await start()
    server.signal('SIGSTOP')
    const failure = await failureOf(jobs.enqueue([jobFixture(1, Date.now())]))
    server.signal('SIGCONT')
    expect(failure).toMatchObject({ name: 'UnknownOutcome' })
    await answers(jobs)
    expect(await jobs.enqueue([jobFixture(1, Date.now())])).toEqual(['known'])
  })

  test('emptied in mid-run, the queue has another identity, and whoever works with it goes on', async () => {
    const { server, jobs } = await start()
    const other = await openRedis(server.url)
    onTestFinished(() => other.close())
    const now = Date.now()
    await jobs.enqueue(jobFixtures(50, now))
    const { leases } = await jobs.claim(request)
    const before = await jobs.identity()
    expect(await other.jobs.identity()).toBe(before)
    await server.administer((admin) => admin.flushall())
    expect(await jobs.ack(leases.map(({ token }) => ({ token })))).toEqual(leases.map(() => 'stale'))
    const after = await jobs.identity()
    expect(after).not.toBe(before)
    expect(await other.jobs.identity()).toBe(after)
    expect(new Set(await other.jobs.enqueue(jobFixtures(50, now)))).toEqual(new Set(['queued']))
    await server.administer((admin) => admin.flushall())
    expect([before, after]).not.toContain(await jobs.identity())
  })

  test('a full Redis takes no jobs but gives out those it has', async () => {
    const { server, jobs } = await start('--maxmemory-policy', 'noeviction')
    const now = Date.now()
    await jobs.enqueue(jobFixtures(500, now))
    await server.administer((admin) => admin.config('SET', 'maxmemory', '100kb'))
    expect(await failureOf(jobs.enqueue([jobFixture(1_000, now)]))).toMatchObject({ name: 'Unavailable' })
    const { leases } = await jobs.claim(request)
    expect(leases).toHaveLength(request.max)
    expect(new Set(await jobs.ack(leases.map(({ token }) => ({ token }))))).toEqual(new Set(['done']))
  })

  test('listeners hear of new jobs and of events after Redis was restarted', async () => {
    const { server, redis, jobs } = await start()
    let [hints, events] = [0, 0]
    jobs.onClaimable(() => (hints += 1))
    redis.live.subscribe('bucket:1', () => (events += 1))
    await redis.subscribed()
    await server.kill()
    await until(() => (redis.live.publish('bucket:1', { kind: 'bucket-changed' }), redis.live.lost.unsent > 0))
    await server.startAgain()
    await answers(jobs)
    let rep = 0
    await until(async () => {
      redis.live.publish('bucket:1', { kind: 'bucket-changed' })
      await jobs.enqueue([jobFixture((rep += 1), Date.now())])
      return events > 0 && hints > 2
    })
  })

  test('who cannot get in is told where and why, and the password is not shown', async () => {
    const own = await OwnRedis.start('--requirepass', 'right')
    onTestFinished(() => own.remove())
    const wrong = own.url.replace('redis://', 'redis://:wrong-secret@')
    const error = await failureOf(openRedis(wrong))
    expect(error).toMatchObject({
      name: 'WrongCredentials',
      message: expect.stringMatching(/127\.0\.0\.1:\d+.*WRONGPASS/),
    })
    expect((error as Error).message).not.toContain('wrong-secret')
    await expect(openRedis(own.url)).rejects.toMatchObject({
      name: 'WrongCredentials',
      message: expect.stringContaining('NOAUTH'),
    })
    const right = await openRedis(own.url.replace('redis://', 'redis://:right@'))
    await right.check()
    await right.close()
    await own.kill()
    await expect(openRedis(own.url)).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
