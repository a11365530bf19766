import type { Lease } from '@quarry/messaging-port'
import { MOST_REQUESTS_OF_A_JOB } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import { jobFixture, jobFixtures } from '@quarry/messaging-conformance'
import { expect, onTestFinished, test } from 'vitest'
import type { OpenRedisOptions } from './open-redis.ts'
import { openHarness } from './test-harness.ts'

const START = 1_700_000_000_000
const request = { server: 'server-1', max: 1, leaseMs: 60_000 }

onEngine('redis', (address) => {
  /** A queue whose time the test moves. */
  async function start(options: OpenRedisOptions = {}) {
    let now = START
    const harness = await openHarness(address, { now: () => now, ...options })
    onTestFinished(() => harness.close())
    const [redis, other] = [await harness.open(), await harness.open()]
    return { harness, redis, jobs: redis.jobs, other: other.jobs, pass: (ms: number) => (now += ms) }
  }

  /** Claims and acknowledges until the queue is empty. */
  async function finishAll({ jobs }: { jobs: Awaited<ReturnType<typeof start>>['jobs'] }): Promise<void> {
    for (;;) {
      const { leases } = await jobs.claim({ ...request, max: 500 })
      if (leases.length === 0) return
      await jobs.ack(leases.map(({ token }) => ({ token })))
    }
  }

  test('many clients that enqueue, claim and acknowledge at once give each job to one claimer only', async () => {
    const { harness, jobs } = await start()
    const clients = await Promise.all(Array.from({ length: 6 }, () => harness.connect()))
    const total = 3_000
    const given: Lease[] = []
    let enqueued = 0
    const emit = async (first: number) => {
      for (let rep = first; rep < total; rep += 200) {
        const part = Array.from({ length: 100 }, (_, index) => jobFixture(rep + index, START, { host: `h${rep % 7}` }))
        const verdicts = await jobs.enqueue(part)
        enqueued += verdicts.filter((verdict) => verdict === 'queued').length
      }
    }
    const work = async (client: (typeof clients)[number], index: number) => {
      while (given.length < total) {
        const { leases } = await client.claim({ server: `s${index}`, max: 7 + index, leaseMs: 60_000 })
        given.push(...leases)
        const verdicts = await client.ack(leases.map(({ token }) => ({ token })))
        expect(verdicts).toEqual(leases.map(() => 'done'))
      }
    }
    await Promise.all([emit(0), emit(100), emit(0), ...clients.map(work)])
    expect(enqueued).toBe(total)
    expect(new Set(given.map(({ job }) => job.jobId)).size).toBe(total)
    expect(given).toHaveLength(total)
  })

  test('finished jobs are remembered as long as was said and then forgotten', async () => {
    const { jobs, pass, harness } = await start({ rememberFinishedMs: 10_000 })
    await jobs.enqueue([jobFixture(1, START)])
    await finishAll({ jobs })
    pass(10_000)
    expect(await jobs.enqueue([jobFixture(1, START)])).toEqual(['known'])
    pass(1)
    expect(await jobs.enqueue([jobFixture(1, START)])).toEqual(['queued'])
    await finishAll({ jobs })
    pass(10_001)
    await jobs.depth()
    expect(await harness.admin.exists(`${harness.keyPrefix}{q:0}:ids`, `${harness.keyPrefix}{q:0}:finished`)).toBe(0)
  })

  test('no more finished jobs are remembered than was said, the oldest are forgotten first', async () => {
    const { jobs, harness } = await start({ maxFinished: 100 })
    for (let from = 0; from < 450; from += 50) {
      await jobs.enqueue(Array.from({ length: 50 }, (_, index) => jobFixture(from + index, START)))
      await finishAll({ jobs })
    }
    await jobs.depth()
    expect(await harness.admin.hlen(`${harness.keyPrefix}{q:0}:ids`)).toBe(100)
    expect(await jobs.enqueue([jobFixture(449, START), jobFixture(0, START)])).toEqual(['known', 'queued'])
  })

  test('a finished queue leaves nothing in Redis but what it remembers', async () => {
    const { jobs, pass, harness } = await start({ rememberFinishedMs: 1 })
    const gap = { hostGapMs: 1_000, host: 'one.example' }
    await jobs.enqueue([...jobFixtures(50, START), ...[100, 101].map((rep) => jobFixture(rep, START, gap))])
    for (let round = 0; round < 3; round += 1) {
      await finishAll({ jobs })
      pass(10_000)
    }
    expect(await jobs.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
    const keys = await harness.admin.keys(`${harness.keyPrefix}{q:0}:*`)
    expect(keys).toEqual([`${harness.keyPrefix}{q:0}:meta`])
  })

  test('a clock that is set back freezes neither hosts nor leases', async () => {
    const { jobs, pass } = await start()
    await jobs.enqueue(jobFixtures(2, START, { host: 'one.example', hostGapMs: 1_000 }))
    const [first] = (await jobs.claim(request)).leases
    pass(-3_600_000)
    expect((await jobs.claim(request)).leases).toEqual([])
    pass(6_000)
    expect((await jobs.claim(request)).leases).toHaveLength(1)
    pass(54_000)
    expect(await jobs.ack([{ token: first?.token ?? '' }])).toEqual(['stale'])
    await jobs.reap(request)
    expect(await jobs.depth()).toEqual({ waiting: 1, leased: 1, dead: 0 })
  })

  test('a token that this queue cannot have given is stale, whatever it looks like', async () => {
    const { jobs } = await start()
    for (const token of [
      '',
      ':',
      'server-1:7.L1000000000001a.1',
      'server-1:0.X1',
      '*:0.L1000000000001a.1\r\nFLUSHALL',
    ]) {
      expect(await jobs.ack([{ token }])).toEqual(['stale'])
    }
  })

  test('an acknowledgement that frees a host early brings the next hint forward, on every client', async () => {
    const harness = await openHarness(address)
    onTestFinished(() => harness.close())
    const [{ jobs }, { jobs: other }] = [await harness.open(), await harness.open()]
    const now = await harness.now()
    const gapMs = 1_500
    await jobs.enqueue(jobFixtures(2, now, { host: 'one.example', hostGapMs: gapMs }))
    const [lease] = (await jobs.claim(request)).leases
    const claimedAt = (lease?.expiresAt ?? 0) - request.leaseMs
    const heardAt = new Promise<number>((resolve, reject) => {
      other.onClaimable(() => void harness.now().then(resolve, reject))
    })
    await harness.subscribed()
    await other.depth()
    await jobs.ack([{ token: lease?.token ?? '' }])
    expect((await heardAt) - claimedAt).toBeGreaterThanOrEqual(gapMs)
    expect((await heardAt) - claimedAt).toBeLessThan(MOST_REQUESTS_OF_A_JOB * gapMs)
    expect((await other.claim(request)).leases).toHaveLength(1)
  })

  test('calls of any length are done', async () => {
    const { jobs } = await start()
    const many = jobFixtures(6_000, START)
    expect(new Set(await jobs.enqueue(many))).toEqual(new Set(['queued']))
    expect(new Set(await jobs.holds(many.map(({ jobId }) => jobId)))).toEqual(new Set([true]))
    const tokens: string[] = []
    while (tokens.length < many.length) {
      const { leases } = await jobs.claim({ ...request, max: 100_000 })
      tokens.push(...leases.map(({ token }) => token))
    }
    expect(new Set(await jobs.extend(tokens, 90_000))).toEqual(new Set(['done']))
    expect(new Set(await jobs.ack(tokens.map((token) => ({ token }))))).toEqual(new Set(['done']))
  })

  test('a queue in several shards gives the best jobs of all of them, reaps all, and knows every job', async () => {
    const { jobs, other, pass } = await start({ shards: 4 })
    const few = jobFixtures(40, START).map((job) => ({ ...job, dueAt: START - job.rep * 1_000 }))
    expect(new Set(await jobs.enqueue(few))).toEqual(new Set(['queued']))
    expect(new Set(await other.enqueue(few))).toEqual(new Set(['known']))
    expect((await jobs.claim(request)).leases[0]?.job.rep).toBe(39)
    const { leases } = await other.claim({ ...request, max: 100 })
    expect(leases.map(({ job }) => job.rep)).toEqual(Array.from({ length: 39 }, (_, index) => 38 - index))
    expect(await jobs.holds(['order-1:5', 'order-1:50'])).toEqual([true, false])
    expect(new Set(await jobs.ack(leases.map(({ token }) => ({ token }))))).toEqual(new Set(['done']))
    expect(await jobs.claim(request)).toEqual({ leases: [] })
    const doomed = Array.from({ length: 30 }, (_, index) => jobFixture(100 + index, START, { patienceUntil: START }))
    await jobs.enqueue(doomed)
    pass(1)
    const dead = [...(await jobs.reap({ ...request, max: 7 })), ...(await other.reap({ ...request, max: 50 }))]
    expect(new Set(dead.map(({ job }) => job.rep)).size).toBe(30)
    expect(await other.depth()).toEqual({ waiting: 0, leased: 31, dead: 0 })
    expect(await jobs.identity()).toBe(await other.identity())
  })

  test('a claim over several shards waits for the host that may be asked first', async () => {
    const { jobs, pass } = await start({ shards: 4 })
    const gaps = [3, 1, 2].flatMap((seconds) =>
      [0, 1].map((rep) => jobFixture(seconds * 10 + rep, START, { host: `h${seconds}`, hostGapMs: seconds * 1_000 })),
    )
    await jobs.enqueue(gaps)
    const { leases } = await jobs.claim({ ...request, max: 9 })
    expect(leases).toHaveLength(3)
    await jobs.ack(leases.map(({ token }) => ({ token })))
    expect(await jobs.claim(request)).toEqual({ leases: [], nextReadyAt: START + 1_000 })
    pass(1_000)
    expect((await jobs.claim({ ...request, max: 9 })).leases).toMatchObject([{ job: { host: 'h1' } }])
  })
})
