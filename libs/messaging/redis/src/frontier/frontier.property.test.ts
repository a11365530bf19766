import type { Acknowledgement, HostNews, JobQueue, Lease, Release } from '@quarry/messaging-port'
import { Frontier, type Instant, type Job } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openHarness } from '../test-harness.ts'

const START = 1_700_000_000_000
const GAPS_MS = [0, 1_000, 2_500, 0]
/** Longer than any run: how exactly finished jobs are forgotten is left to each queue. */
const REMEMBER_MS = 36_000_000

/** Mostly round, so that many things fall on the same moment: what is over then, and what is not, is where rules break. */
const msArbitrary = fc.oneof(
  fc.integer({ min: 0, max: 6 }).map((halves) => halves * 500),
  fc.integer({ min: 0, max: 24 }).map((halves) => halves * 500),
  fc.integer({ min: 0, max: 12_000 }),
)

const newsArbitrary: fc.Arbitrary<HostNews> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ crawlDelayMs: msArbitrary, extraRequests: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ notBefore: fc.integer({ min: START - 5_000, max: START + 60_000 }) }),
)

/** Everything random of one step; each command takes what it needs. */
const stepArbitrary = fc.record({
  command: fc.constantFrom('enqueue', 'enqueue', 'claim', 'claim', 'extend', 'ack', 'release', 'reap', 'pass', 'pass'),
  picks: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 }),
  count: fc.integer({ min: 0, max: 5 }),
  ms: msArbitrary,
  setBackMs: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 20_000 })),
  attempted: fc.boolean(),
  news: newsArbitrary,
})

type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never

/** The functions in Redis and the domain's frontier side by side: every answer must be the same. */
class Comparison {
  readonly frontier = new Frontier({ identity: 'f', rememberFinishedMs: REMEMBER_MS })
  readonly queue: JobQueue
  /** The same lease in both. */
  readonly leases: { readonly redis: Lease; readonly domain: Lease }[] = []
  now: Instant = START

  constructor(open: (now: () => Instant) => JobQueue) {
    this.queue = open(() => this.now)
  }

  async run(step: Step): Promise<void> {
    switch (step.command) {
      case 'pass':
        this.now += step.setBackMs > 0 ? -step.setBackMs : step.ms
        break
      case 'enqueue':
        await this.enqueue(step.picks.map((pick) => jobOfPick(pick, step, this.now)))
        break
      case 'claim':
        await this.claim(step.count, 500 + step.ms)
        break
      case 'reap':
        await this.reap(step.count, 500 + step.ms)
        break
      case 'extend':
        await this.extend(step)
        break
      case 'ack':
        await this.ack(step)
        break
      case 'release':
        await this.release(step)
        break
    }
    expect(await this.queue.depth()).toEqual(this.frontier.depth(this.now))
  }

  async enqueue(jobs: readonly Job[]): Promise<void> {
    expect(await this.queue.enqueue(jobs)).toEqual(this.frontier.enqueue(jobs, this.now))
    const ids = jobs.map(({ jobId }) => jobId)
    expect(await this.queue.holds(ids)).toEqual(this.frontier.holds(ids))
  }

  async claim(max: number, leaseMs: number): Promise<void> {
    const request = { server: 's', max, leaseMs }
    const [redis, domain] = [await this.queue.claim(request), this.frontier.claim(request, this.now)]
    this.#same(redis.leases, domain.leases)
    expect(redis.nextReadyAt === undefined).toBe(domain.nextReadyAt === undefined)
    // A job that was put off counts in Redis from its own time on, even when its host rests for longer.
    expect(redis.nextReadyAt ?? 0).toBeLessThanOrEqual(domain.nextReadyAt ?? 0)
    if (domain.nextReadyAt === this.now) expect(redis.nextReadyAt).toBe(this.now)
  }

  async reap(max: number, leaseMs: number): Promise<void> {
    const request = { server: 'r', max, leaseMs }
    this.#same(await this.queue.reap(request), this.frontier.reap(request, this.now))
  }

  async extend(step: Step): Promise<void> {
    const picked = this.#picked(step)
    expect(
      await this.queue.extend(
        picked.map(({ redis }) => redis.token),
        step.ms,
      ),
    ).toEqual(
      this.frontier.extend(
        picked.map(({ domain }) => domain.token),
        step.ms,
        this.now,
      ),
    )
  }

  async ack(step: Step): Promise<void> {
    const acknowledged = (token: string): Acknowledgement => ({ token, host: step.news })
    const picked = this.#picked(step)
    expect(await this.queue.ack(picked.map(({ redis }) => acknowledged(redis.token)))).toEqual(
      this.frontier.ack(
        picked.map(({ domain }) => acknowledged(domain.token)),
        this.now,
      ),
    )
  }

  async release(step: Step): Promise<void> {
    const released = (token: string, index: number): Release => ({
      token,
      notBefore: this.now - 1_000 + step.ms * (index + 1),
      attempted: step.attempted,
      by: `device "${step.count}",`,
      host: step.news,
    })
    const picked = this.#picked(step)
    expect(await this.queue.release(picked.map(({ redis }, index) => released(redis.token, index)))).toEqual(
      this.frontier.release(
        picked.map(({ domain }, index) => released(domain.token, index)),
        this.now,
      ),
    )
  }

  /** Lately given leases, so that most are still valid; one may be picked twice. */
  #picked({ picks }: Step) {
    return picks.flatMap((pick) => this.leases.at(-1 - (pick % Math.min(8, Math.max(1, this.leases.length)))) ?? [])
  }

  #same(redis: readonly Lease[], domain: readonly Lease[]): void {
    const untold = (lease: Lease) => ({ ...lease, token: '' })
    expect(redis.map(untold)).toEqual(domain.map(untold))
    for (const [index, lease] of domain.entries()) this.leases.push({ redis: redis[index] as Lease, domain: lease })
  }
}

function jobOfPick(pick: number, step: Step, now: Instant): Job {
  const rep = pick % 60
  const hostIndex = pick % 4
  return {
    jobId: `order:${rep}`,
    orderId: 'order',
    rep,
    customerId: 'customer',
    url: 'https://example.com/ä?\n',
    host: `host${hostIndex}.example`,
    priceCoins: 1 + (pick % 3),
    dueAt: now - (pick % 7) * 20_000,
    patienceUntil: now + step.ms * 3 - 500,
    hostGapMs: GAPS_MS[hostIndex] ?? 0,
    traceparent: '',
  }
}

onEngine('redis', (address) => {
  test('Redis answers every sequence of calls as the frontier of the domain does, and forgets every host', async () => {
    const harness = await openHarness(address, { rememberFinishedMs: REMEMBER_MS })
    let time = () => START
    const { jobs } = await harness.open({ now: () => time() })
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
          await harness.loseMemory()
          const comparison = new Comparison((now) => {
            time = now
            return jobs
          })
          for (const step of steps) await comparison.run(step)
          await drain(comparison)
          expect(await harness.admin.hlen(`${harness.keyPrefix}{q:0}:host`)).toBe(0)
          expect(await harness.admin.hlen(`${harness.keyPrefix}{q:0}:job`)).toBe(0)
        }),
        { numRuns: 200, timeout: 50_000, interruptAfterTimeLimit: 40_000 },
      )
    } finally {
      await harness.close()
    }
  })
})

/** Lets everything end; long after, no host and no id is known any more. */
async function drain(comparison: Comparison): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    const { waiting, leased, dead } = await comparison.queue.depth()
    if (waiting + leased + dead === 0) break
    await comparison.claim(3, 100)
    await comparison.reap(3, 100)
    const last = { picks: [0, 1, 2], news: {} } as unknown as Step
    await comparison.ack(last)
    comparison.now += 1_000
  }
  comparison.now += 600_000
  expect(await comparison.queue.depth()).toEqual({ waiting: 0, leased: 0, dead: 0 })
}
