import { describe, expect, test } from 'vitest'
import type { Job } from './job.ts'
import { Frontier } from './frontier.ts'
import { HEAD_START_PER_COIN_MS } from './job.ts'

const NOW = 1_700_000_000_000
const HOUR_MS = 3_600_000
const request = (max: number, leaseMs = 40_000) => ({ server: 'server-1', max, leaseMs })

function job(rep: number, overrides: Partial<Job> = {}): Job {
  return {
    jobId: `order:${rep}`,
    orderId: 'order',
    rep,
    customerId: 'customer',
    url: 'https://example.com/',
    host: 'example.com',
    priceCoins: 1,
    dueAt: NOW,
    patienceUntil: NOW + HOUR_MS,
    hostGapMs: 1_000,
    traceparent: '',
    ...overrides,
  }
}

function claimOne(frontier: Frontier, now: number) {
  const [lease] = frontier.claim(request(1), now).leases
  if (lease === undefined) throw new Error('nothing was claimable')
  return lease
}

describe('prices', () => {
  test('a cheap job is served after a bounded time, however many dear ones keep coming', () => {
    const frontier = new Frontier({ identity: 'f' })
    const dearCoins = 10
    frontier.enqueue([job(0)], NOW)
    let servedAt: number | undefined
    for (let second = 0; servedAt === undefined && second < 2 * HOUR_MS; second += 1) {
      const now = NOW + second * 1_000
      const dear = { priceCoins: dearCoins, dueAt: now, patienceUntil: now + HOUR_MS }
      frontier.enqueue([job(2 * second + 1, dear), job(2 * second + 2, dear)], now)
      const lease = claimOne(frontier, now)
      if (lease.job.rep === 0) servedAt = now
      frontier.ack([{ token: lease.token }], now)
    }
    const served = servedAt ?? Infinity
    expect(served).toBeGreaterThan(NOW)
    expect(served).toBeLessThanOrEqual(NOW + (dearCoins - 1) * HEAD_START_PER_COIN_MS * 2)
  })

  test('of two ready hosts the one with the better job is asked first', () => {
    const frontier = new Frontier({ identity: 'f' })
    frontier.enqueue([job(1, { host: 'a.example' }), job(2, { host: 'b.example', priceCoins: 2 })], NOW)
    expect(frontier.claim(request(2), NOW).leases.map((lease) => lease.job.rep)).toEqual([2, 1])
  })
})

describe('a wall clock that steps', () => {
  test('set back an hour, neither a host nor a lease nor a delayed job waits longer than it was told to', () => {
    const frontier = new Frontier({ identity: 'f' })
    frontier.enqueue([job(1), job(2)], NOW)
    claimOne(frontier, NOW)
    const back = NOW - HOUR_MS
    expect(frontier.claim(request(1), back)).toEqual({ leases: [], nextReadyAt: back + 6_000 })
    const second = claimOne(frontier, back + 6_000)
    expect(second.expiresAt).toBe(back + 46_000)
    const later = { token: second.token, notBefore: back + 11_000, attempted: true }
    expect(frontier.release([later], back + 7_000)).toEqual(['done'])
    expect(frontier.claim(request(1), back + 10_999).leases).toEqual([])
    expect(claimOne(frontier, back + 11_000).job.rep).toBe(2)
    expect(frontier.reap(request(9), back + 39_999)).toEqual([])
    expect(frontier.depth(back + 39_999).leased).toBe(2)
    frontier.reap(request(9), back + 40_000)
    expect(frontier.depth(back + 40_000)).toEqual({ waiting: 1, leased: 1, dead: 0 })
  })

  test('set forward, what was due in between is due at once, and nothing is handed out twice', () => {
    const frontier = new Frontier({ identity: 'f' })
    frontier.enqueue([job(1)], NOW)
    const lease = claimOne(frontier, NOW)
    const forward = NOW + HOUR_MS - 1_000
    expect(frontier.claim(request(1), forward).leases).toEqual([])
    expect(frontier.ack([{ token: lease.token }], forward)).toEqual(['stale'])
    frontier.reap(request(1), forward)
    expect(claimOne(frontier, forward)).toMatchObject({ attempt: 2 })
  })
})

describe('memory', () => {
  test('a host is forgotten when it has no job and its next allowed time is past, not before', () => {
    const frontier = new Frontier({ identity: 'f' })
    frontier.enqueue([job(1)], NOW)
    frontier.ack([{ token: claimOne(frontier, NOW).token, host: { notBefore: NOW + 60_000 } }], NOW)
    expect(frontier.hostCount(NOW + 59_999)).toBe(1)
    frontier.enqueue([job(2)], NOW + 59_999)
    expect(frontier.claim(request(1), NOW + 59_999).leases).toEqual([])
    frontier.ack([{ token: claimOne(frontier, NOW + 60_000).token }], NOW + 60_000)
    expect(frontier.hostCount(NOW + 60_999)).toBe(1)
    expect(frontier.hostCount(NOW + 61_000)).toBe(0)
  })

  test('a finished job stays known for the remembered time, and not for ever', () => {
    const frontier = new Frontier({ identity: 'f', rememberFinishedMs: 10_000 })
    for (let second = 0; second < 30; second += 1) {
      const now = NOW + second * 1_000
      frontier.enqueue([job(second, { hostGapMs: 0 })], now)
      frontier.ack([{ token: claimOne(frontier, now).token }], now)
      const remembered = Array.from({ length: Math.min(second + 1, 10) }, (_, age) => job(second - age))
      expect(frontier.enqueue(remembered, now)).not.toContain('queued')
    }
    expect(frontier.enqueue([job(17)], NOW + 29_000)).toEqual(['queued'])
  })

  test('no more finished jobs than allowed are remembered, the newest ones', () => {
    const frontier = new Frontier({ identity: 'f', maxFinished: 90 })
    const all = Array.from({ length: 1_000 }, (_, rep) => job(rep, { hostGapMs: 0 }))
    for (const each of all) {
      frontier.enqueue([each], NOW)
      frontier.ack([{ token: claimOne(frontier, NOW).token }], NOW)
    }
    const verdicts = frontier.enqueue(all, NOW)
    expect(verdicts.filter((verdict) => verdict === 'known').length).toBeLessThanOrEqual(90)
    expect(verdicts.slice(-80)).not.toContain('queued')
  })
})

describe('a host while a lease may still send requests to it', () => {
  const GAP_MS = 200
  const MOST_MS = 6 * GAP_MS

  function hostOf(count: number) {
    const frontier = new Frontier({ identity: 'f' })
    const jobs = Array.from({ length: count }, (_, index) => job(index + 1, { hostGapMs: GAP_MS }))
    frontier.enqueue(jobs, NOW)
    return { frontier, first: claimOne(frontier, NOW) }
  }

  function expectFreeAt(frontier: Frontier, at: number) {
    expect(frontier.claim(request(1), at - 1).leases).toEqual([])
    return claimOne(frontier, at)
  }

  test('one miner asks for robots.txt first: no other asks before a gap after the page', () => {
    const { frontier, first } = hostOf(2)
    expect(frontier.claim(request(1), NOW + GAP_MS).leases).toEqual([])
    frontier.ack([{ token: first.token, host: { extraRequests: 1 } }], NOW + 250)
    expectFreeAt(frontier, NOW + 450)
  })

  test('one request only: the host is free a gap after the claim, at once when that is past', () => {
    const { frontier, first } = hostOf(3)
    frontier.ack([{ token: first.token, host: { extraRequests: 0 } }], NOW + 50)
    const second = expectFreeAt(frontier, NOW + GAP_MS)
    frontier.ack([{ token: second.token }], NOW + 900)
    claimOne(frontier, NOW + 900)
  })

  test('a lost miner keeps the host for as many gaps as a job has requests', () => {
    expectFreeAt(hostOf(2).frontier, NOW + MOST_MS)
  })

  test('a lease that ends late frees the host of itself only, and adds the gap after its own requests', () => {
    const { frontier, first } = hostOf(4)
    const second = expectFreeAt(frontier, NOW + MOST_MS)
    frontier.ack([{ token: first.token }], NOW + MOST_MS + 10)
    const third = expectFreeAt(frontier, NOW + 2 * MOST_MS)
    frontier.ack([{ token: second.token, host: { extraRequests: 5 } }], NOW + 2 * MOST_MS + 150)
    frontier.ack([{ token: third.token }], NOW + 2 * MOST_MS + 160)
    expectFreeAt(frontier, NOW + 2 * MOST_MS + 350)
  })

  test('an end does not undo a pause that was asked for', () => {
    const { frontier, first } = hostOf(3)
    const second = expectFreeAt(frontier, NOW + MOST_MS)
    frontier.ack([{ token: first.token, host: { notBefore: NOW + 9_000 } }], NOW + MOST_MS)
    frontier.ack([{ token: second.token }], NOW + MOST_MS + 10)
    expectFreeAt(frontier, NOW + 9_000)
  })
})

test('a shorter crawl delay does not undo a longer one', () => {
  const frontier = new Frontier({ identity: 'f' })
  frontier.enqueue(
    [1, 2, 3, 4].map((rep) => job(rep, { hostGapMs: 0 })),
    NOW,
  )
  const [first, second] = frontier.claim(request(2), NOW).leases
  frontier.ack([{ token: first?.token ?? '', host: { crawlDelayMs: 5_000 } }], NOW)
  frontier.ack([{ token: second?.token ?? '', host: { crawlDelayMs: 10 } }], NOW)
  frontier.ack([{ token: claimOne(frontier, NOW + 5_000).token }], NOW + 5_000)
  expect(frontier.claim(request(1), NOW + 9_999).leases).toEqual([])
  claimOne(frontier, NOW + 10_000)
})

test('tokens of two frontiers never meet', () => {
  const [first, second] = ['f', 'g'].map((identity) => {
    const frontier = new Frontier({ identity })
    frontier.enqueue([job(1)], NOW)
    return { frontier, lease: claimOne(frontier, NOW) }
  })
  expect(second?.frontier.ack([{ token: first?.lease.token ?? '' }], NOW)).toEqual(['stale'])
})

test('a job enqueued twice in one call is queued once', () => {
  const frontier = new Frontier({ identity: 'f' })
  expect(frontier.enqueue([job(1), job(1)], NOW)).toEqual(['queued', 'known'])
})
