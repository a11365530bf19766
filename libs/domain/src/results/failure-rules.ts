import type { FailureReason, Fault, Outcome } from './outcome.ts'

interface FailureRule {
  readonly fault: Fault
  /** Whether another miner is asked, while attempts and patience last. */
  readonly retried: boolean
}

/** One row per reason: whose fault it is, and whether another attempt may help (design, "Who pays"). */
export const failureRules: Readonly<Record<FailureReason, FailureRule>> = {
  rate_limited: { fault: 'target', retried: true },
  server_error: { fault: 'target', retried: true },
  dns_failed: { fault: 'target', retried: true },
  connection_failed: { fault: 'target', retried: true },
  tls_failed: { fault: 'target', retried: true },
  timed_out: { fault: 'target', retried: true },
  cut_off: { fault: 'target', retried: true },
  too_large: { fault: 'target', retried: false },
  too_many_redirects: { fault: 'target', retried: false },
  bad_redirect: { fault: 'target', retried: false },
  bad_encoding: { fault: 'target', retried: false },
  robots_forbidden: { fault: 'target', retried: false },
  address_forbidden: { fault: 'target', retried: false },
  host_excluded: { fault: 'platform', retried: true },
  host_denied: { fault: 'platform', retried: false },
  bad_result: { fault: 'miner', retried: true },
  lease_expired: { fault: 'miner', retried: true },
  patience_over: { fault: 'platform', retried: false },
  missed: { fault: 'platform', retried: false },
}

export const MAX_ATTEMPTS = 3

/** Attempts after the first wait 1 s, then 4 s, or as long as the site's `Retry-After` says. */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined): number {
  return Math.max(retryAfterMs ?? 0, 1000 * 4 ** (attempt - 1))
}

export type AttemptVerdict =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'retry'; readonly notBefore: number }

/**
 * Whether an attempt's outcome is final. A retry that could only begin after `patienceUntil` is not waited for: the
 * outcome at hand is delivered instead.
 */
export function judgeAttempt(attempt: {
  outcome: Outcome
  attempt: number
  now: number
  patienceUntil: number
}): AttemptVerdict {
  const { outcome, now } = attempt
  if (outcome.kind === 'page') return { kind: 'deliver' }
  if (!failureRules[outcome.reason].retried || attempt.attempt >= MAX_ATTEMPTS) return { kind: 'deliver' }
  const notBefore = now + retryDelayMs(attempt.attempt, outcome.retryAfterMs)
  return notBefore > attempt.patienceUntil ? { kind: 'deliver' } : { kind: 'retry', notBefore }
}
