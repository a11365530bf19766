import type { Instant } from '../clock.ts'
import type { JobId, OrderId, UserId } from '../ids.ts'
import type { Order } from '../orders/order.ts'
import { jobIdOf } from '../ids.ts'

/** All that a mining-server and a miner need to do one repetition. */
export interface Job {
  readonly jobId: JobId
  readonly orderId: OrderId
  readonly rep: number
  readonly customerId: UserId
  readonly url: string
  readonly host: string
  /** 0 for a test fetch. */
  readonly priceCoins: number
  readonly dueAt: Instant
  /** After this instant the job is not tried again: it fails as `patience_over`. */
  readonly patienceUntil: Instant
  /** The least time between two requests to the host, across all customers and miners. */
  readonly hostGapMs: number
  readonly traceparent: string
}

/** The job of a repetition; one that is emitted late has its whole patience still before it. */
export function jobOf(
  order: Order,
  due: { rep: number; dueAt: Instant; emittedAt: Instant; hostGapMs: number; traceparent: string },
): Job {
  return {
    jobId: jobIdOf(order.id, due.rep),
    orderId: order.id,
    rep: due.rep,
    customerId: order.customerId,
    url: order.url,
    host: order.host,
    priceCoins: order.priceCoins,
    dueAt: due.dueAt,
    patienceUntil: Math.max(due.dueAt, due.emittedAt) + order.patienceMs,
    hostGapMs: due.hostGapMs,
    traceparent: due.traceparent,
  }
}

/**
 * How many requests one lease may send to its host: a page and five redirects, a gap apart. So long, at most, is the host
 * kept for that lease alone.
 */
export const MOST_REQUESTS_OF_A_JOB = 6

/** Each coin above the first lets a job overtake those due up to this much earlier; a cheap job so never starves. */
export const HEAD_START_PER_COIN_MS = 60_000

/** The order in which a host's jobs are served: lowest first. It never changes, so a sorted set can hold it. */
export function serveOrder(job: Pick<Job, 'dueAt' | 'priceCoins'>): number {
  return job.dueAt - Math.max(0, job.priceCoins - 1) * HEAD_START_PER_COIN_MS
}
