import type { Instant } from '../clock.ts'
import type { Job } from '../frontier/job.ts'
import { jobIdOf, type JobId, type OrderId, type UserId } from '../ids.ts'
import { err, ok, type Result } from '../result.ts'

/** One fetch of a page to see what comes, before anything is ordered: no order, no coins, kept for an hour. */
export interface TestFetch {
  /** Unique for ever; never the id of an order, so that nothing of a test reaches a ledger or an inbox. */
  readonly id: OrderId
  readonly customerId: UserId
  readonly url: string
  /** The politeness key, as an order's. */
  readonly host: string
  readonly createdAt: Instant
}

/** How long a test fetch waits for a miner, in milliseconds; after that it fails as `patience_over`. */
export const TEST_FETCH_PATIENCE_MS = 60_000
/** So long after its start a test fetch without an outcome is taken for lost: its queue may have been emptied. */
export const TEST_FETCH_LOST_MS = 180_000
/** How long a test fetch and its page are kept, in milliseconds. */
export const TEST_FETCH_KEPT_MS = 3_600_000

/** What one account may have. */
export interface TestFetchLimits {
  readonly mostAnHour: number
  readonly mostAtOnce: number
}

/** Refused; one more is possible in `retryAfterMs` at the latest. */
export interface TooManyTestFetches {
  readonly kind: 'too-many-test-fetches'
  readonly limit: 'an-hour' | 'at-once'
  readonly retryAfterMs: number
}

const TEST_ID = /^test-[0-9a-f]{32}$/

/** The id of a test fetch, from 32 hexadecimal digits. */
export function testFetchIdOf(digits: string): OrderId {
  return `test-${digits}`
}

/** Whether the id, which stands where an order's does, is a test fetch's. */
export function isTestFetch(id: OrderId): boolean {
  return TEST_ID.test(id)
}

/** The only job of a test fetch. */
export function testJobIdOf(id: OrderId): JobId {
  return jobIdOf(id, 0)
}

/** A test's job: due at once, worth nothing, and as polite as any other. */
export function testJobOf(test: TestFetch, more: { hostGapMs: number; traceparent: string }): Job {
  return {
    jobId: testJobIdOf(test.id),
    orderId: test.id,
    rep: 0,
    customerId: test.customerId,
    url: test.url,
    host: test.host,
    priceCoins: 0,
    dueAt: test.createdAt,
    patienceUntil: test.createdAt + TEST_FETCH_PATIENCE_MS,
    ...more,
  }
}

/** Whether one more may begin now, besides those of the last hour; `open`: without an outcome. */
export function admitTestFetch(
  earlier: readonly { readonly createdAt: Instant; readonly open: boolean }[],
  now: Instant,
  limits: TestFetchLimits,
): Result<void, TooManyTestFetches> {
  const recent = earlier.filter(({ createdAt }) => createdAt > now - TEST_FETCH_KEPT_MS)
  const open = recent.filter((test) => test.open && test.createdAt > now - TEST_FETCH_LOST_MS)
  if (open.length >= limits.mostAtOnce) return refuse('at-once', oldest(open) + TEST_FETCH_LOST_MS - now)
  if (recent.length >= limits.mostAnHour) return refuse('an-hour', oldest(recent) + TEST_FETCH_KEPT_MS - now)
  return ok(undefined)
}

function oldest(tests: readonly { readonly createdAt: Instant }[]): Instant {
  return Math.min(...tests.map(({ createdAt }) => createdAt))
}

function refuse(limit: TooManyTestFetches['limit'], retryAfterMs: number): Result<void, TooManyTestFetches> {
  return err({ kind: 'too-many-test-fetches', limit, retryAfterMs })
}
