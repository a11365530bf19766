import type { ResultMessage, Submission, SubmissionVerdict } from '@quarry/contracts'
import { failureRules, type AttemptVerdict, type Instant, type Outcome } from '@quarry/domain'
import type { HostNews } from '@quarry/messaging-port'
import type { HeldLease } from './held-leases.ts'

/** A site's wish to be left alone is honoured up to this long. */
const LONGEST_PAUSE_MS = 3_600_000

/** A submission that was checked: what it means for its job, and what its miner is told once that is done. */
export interface JudgedSubmission<P> {
  readonly pending: P
  readonly answer: SubmissionVerdict
  readonly message: ResultMessage
  readonly host: HostNews
  readonly verdict: AttemptVerdict
}

/** What stands for a result that was not what its miner said it was. */
export const badResult: Outcome = {
  kind: 'failure',
  reason: 'bad_result',
  fault: failureRules.bad_result.fault,
  detail: 'The miner sent a result that was not what it said it was.',
}

/** The message that delivers an outcome, with the job and the miner as the lease knows them, whatever the miner said. */
export function resultOf(
  { lease: { job, attempt }, userId, deviceId, assignedAt }: HeldLease,
  { outcome, now, body }: { outcome: Outcome; now: Instant; body: Uint8Array | undefined },
): ResultMessage {
  const { jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent } = job
  return {
    v: 1,
    run: {
      jobId,
      orderId,
      rep,
      customerId,
      url,
      priceCoins,
      dueAt,
      attempt,
      miner: { userId, deviceId },
      startedAt: assignedAt,
      finishedAt: now,
      outcome,
      traceparent,
    },
    ...(body !== undefined && { body }),
  }
}

/** What the attempt taught about the host. */
export function hostNews(submission: Submission | undefined, outcome: Outcome, now: Instant): HostNews {
  const pauseMs = outcome.kind === 'failure' ? Math.min(outcome.retryAfterMs ?? 0, LONGEST_PAUSE_MS) : 0
  const { crawlDelayMs, extraRequests } = submission?.host ?? {}
  return {
    ...(pauseMs > 0 && { notBefore: now + pauseMs }),
    ...(crawlDelayMs !== undefined && { crawlDelayMs }),
    ...(extraRequests !== undefined && { extraRequests }),
  }
}
