import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Instant } from '../clock.ts'
import type { Job } from './job.ts'
import type { HostNews, Lease } from './lease.ts'
import { Frontier } from './frontier.ts'
import { FrontierModel } from './frontier.model.ts'
import { MOST_REQUESTS_OF_A_JOB } from './job.ts'

const START = 1_700_000_000_000
const GAPS_MS = [0, 1_000, 2_500]

/** Everything random of one step; each command takes what it needs. */
interface Step {
  readonly command: 'enqueue' | 'claim' | 'extend' | 'ack' | 'release' | 'reap' | 'pass'
  readonly pick: number
  readonly count: number
  readonly ms: number
  readonly attempted: boolean
  readonly news: HostNews
}

const newsArbitrary: fc.Arbitrary<HostNews> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({ crawlDelayMs: fc.integer({ min: 0, max: 4_000 }), extraRequests: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ notBefore: fc.integer({ min: START - 5_000, max: START + 60_000 }) }),
)

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  command: fc.constantFrom('enqueue', 'enqueue', 'claim', 'claim', 'extend', 'ack', 'release', 'reap', 'pass', 'pass'),
  pick: fc.nat(1_000),
  count: fc.integer({ min: 1, max: 4 }),
  ms: fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 0, max: 12_000 })),
  attempted: fc.boolean(),
  news: newsArbitrary,
})

/** The two side by side: every answer of the frontier must be the model's. */
class Comparison {
  readonly frontier = new Frontier({ identity: 'f' })
  readonly model = new FrontierModel()
  readonly leases: Lease[] = []
  readonly enqueued = new Set<string>()
  readonly acked: string[] = []
  readonly lastClaim = new Map<
    string,
    { lease: Lease; at: Instant; overWith?: { at: Instant; extraRequests: number } }
  >()
  now: Instant = START

  run(step: Step): void {
    const lease = this.leases[step.pick % Math.max(1, this.leases.length)]
    switch (step.command) {
      case 'pass':
        this.now += step.ms
        break
      case 'enqueue':
        this.enqueue(jobOfStep(step, this.now))
        break
      case 'claim':
        this.claim(step.count, 500 + step.ms)
        break
      case 'reap':
        this.reap(step.count, 500 + step.ms)
        break
      case 'extend':
        if (lease) this.extend(lease, step.ms)
        break
      case 'ack':
        if (lease) this.ack(lease, step.news)
        break
      case 'release':
        if (lease) this.release(lease, step)
        break
    }
    expect(this.frontier.depth(this.now)).toEqual(this.depthOfModel())
  }

  enqueue(job: Job): void {
    this.enqueued.add(job.jobId)
    expect(this.frontier.enqueue([job], this.now)).toEqual([this.model.enqueue(job, this.now)])
  }

  claim(max: number, leaseMs: number): number {
    const { leases, nextReadyAt } = this.frontier.claim({ server: 's', max, leaseMs }, this.now)
    for (const lease of leases) {
      const expected = this.model.best(this.now)
      expect(lease.job).toBe(expected?.job)
      if (!expected) return 0
      expect(lease.attempt).toBe(expected.attemptsMade + 1)
      expect(lease.triedBy).toEqual(expected.triedBy)
      expect(lease.expiresAt).toBe(this.now + leaseMs)
      this.#checkGap(lease)
      this.#checkFence(lease)
      this.model.claimed(expected, lease, this.now)
    }
    if (leases.length < max) expect(this.model.best(this.now)).toBeUndefined()
    expect(nextReadyAt === undefined).toBe(this.model.count(this.now, 'waiting') === 0)
    if (this.model.best(this.now)) expect(nextReadyAt).toBe(this.now)
    return leases.length
  }

  reap(max: number, leaseMs: number): void {
    const leases = this.frontier.reap({ server: 'r', max, leaseMs }, this.now)
    this.model.endExpired(this.now)
    const reapable = this.model.reapable(this.now)
    expect(leases).toHaveLength(Math.min(max, reapable.length))
    for (const lease of leases) {
      const expected = reapable.find((held) => held.job.jobId === lease.job.jobId)
      expect(lease.attempt).toBe(expected?.attemptsMade)
      this.#checkFence(lease)
      Object.assign(expected ?? {}, { state: 'reaped', token: lease.token, expiresAt: lease.expiresAt })
    }
  }

  extend(lease: Lease, leaseMs: number): void {
    expect(this.frontier.extend([lease.token], leaseMs, this.now)).toEqual([
      this.model.extend(lease.token, leaseMs, this.now),
    ])
  }

  ack(lease: Lease, host: HostNews): void {
    const [verdict] = this.frontier.ack([{ token: lease.token, host }], this.now)
    expect(verdict).toBe(this.model.ack(lease.token, host, this.now))
    if (verdict === 'done') {
      this.acked.push(lease.job.jobId)
      this.#noteEnd(lease, host)
    }
  }

  release(lease: Lease, step: Step): void {
    const release = {
      token: lease.token,
      notBefore: this.now - 1_000 + step.ms,
      attempted: step.attempted,
      by: `device-${step.count}`,
      host: step.news,
    }
    const [verdict] = this.frontier.release([release], this.now)
    expect(verdict).toBe(this.model.release(release, this.now))
    if (verdict === 'done') this.#noteEnd(lease, step.news)
  }

  depthOfModel() {
    return {
      waiting: this.model.count(this.now, 'waiting'),
      leased: this.model.count(this.now, 'leased', 'reaped'),
      dead: this.model.count(this.now, 'dead'),
    }
  }

  /** What hosts are promised, said without the model: a gap after the last request that could have been sent. */
  #checkGap(lease: Lease): void {
    const last = this.lastClaim.get(lease.job.host)
    if (last) {
      const gapMs = last.lease.job.hostGapMs
      const requests = last.overWith === undefined ? MOST_REQUESTS_OF_A_JOB : 1
      expect(this.now - last.at).toBeGreaterThanOrEqual(requests * gapMs)
      if (last.overWith?.extraRequests) expect(this.now - last.overWith.at).toBeGreaterThanOrEqual(gapMs)
    }
    this.lastClaim.set(lease.job.host, { lease, at: this.now })
  }

  #noteEnd(lease: Lease, { extraRequests = 0 }: HostNews): void {
    const last = this.lastClaim.get(lease.job.host)
    if (last?.lease.token === lease.token) last.overWith = { at: this.now, extraRequests }
  }

  #checkFence(lease: Lease): void {
    const alive = this.frontier.extend(
      this.leases.filter((other) => other.job.jobId === lease.job.jobId).map((other) => other.token),
      1,
      this.now,
    )
    expect(alive).not.toContain('done')
    this.leases.push(lease)
  }
}

function jobOfStep(step: Step, now: Instant): Job {
  const orderId = `order${step.pick % 12}`
  const hostIndex = step.pick % 4
  return {
    jobId: `${orderId}:${step.count}`,
    orderId,
    rep: step.count,
    customerId: 'customer',
    url: 'https://example.com/',
    host: `host${hostIndex}.example`,
    priceCoins: 1 + (step.pick % 3),
    dueAt: now - (step.pick % 7) * 20_000,
    patienceUntil: now + step.ms * 3 - 500,
    hostGapMs: GAPS_MS[hostIndex % GAPS_MS.length] ?? 0,
    traceparent: '',
  }
}

test('the frontier answers every sequence of calls as the plain model does, and every job ends once', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 120, size: 'max' }), (steps) => {
      const comparison = new Comparison()
      for (const step of steps) comparison.run(step)
      drain(comparison)
    }),
    { numRuns: 400 },
  )
})

/** Lets everything end: some are acknowledged after a claim, the others die and are reaped. */
function drain(comparison: Comparison): void {
  for (let round = 0; comparison.model.jobs.size > 0; round += 1) {
    expect(round, 'jobs never end').toBeLessThan(400)
    comparison.claim(2, 100)
    comparison.reap(2, 100)
    for (const lease of comparison.leases.slice(-3)) comparison.ack(lease, {})
    comparison.now += 1_000
  }
  expect([...comparison.acked].sort()).toEqual([...comparison.enqueued].sort())
  expect(comparison.frontier.depth(comparison.now)).toEqual({ waiting: 0, leased: 0, dead: 0 })
  expect(comparison.frontier.hostCount(comparison.now + 600_000)).toBe(0)
}
