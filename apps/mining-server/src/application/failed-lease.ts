import type { ResultMessage } from '@quarry/contracts'
import type { FailureOutcome, Instant } from '@quarry/domain'
import type { Lease } from '@quarry/messaging-port'

/** The message that ends a job as a failure of which no miner brought word. */
export function failedLease(
  { job }: Lease,
  outcome: FailureOutcome,
  { at, attempts }: { at: Instant; attempts: number },
): ResultMessage {
  const { jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent } = job
  const times = { attempt: attempts, startedAt: at, finishedAt: at }
  return { v: 1, run: { jobId, orderId, rep, customerId, url, priceCoins, dueAt, ...times, outcome, traceparent } }
}
