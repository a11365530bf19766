import type { Instant, Job } from '@quarry/domain'
import { jobIdOf } from '@quarry/domain'
import { LONG_MS } from './waiting.ts'

/** A job due now, the easiest to serve: a host of its own, no gap, long patience. */
export function jobFixture(rep: number, now: Instant, overrides: Partial<Job> = {}): Job {
  return {
    jobId: jobIdOf('order-1', rep),
    orderId: 'order-1',
    rep,
    customerId: 'customer-1',
    url: `https://host-${rep}.example/`,
    host: `host-${rep}.example`,
    priceCoins: 1,
    dueAt: now,
    patienceUntil: now + LONG_MS,
    hostGapMs: 0,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...overrides,
  }
}

/** As many jobs, numbered from 0. */
export function jobFixtures(count: number, now: Instant, overrides: Partial<Job> = {}): Job[] {
  return Array.from({ length: count }, (_, rep) => jobFixture(rep, now, overrides))
}
