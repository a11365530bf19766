import type { Instant } from '../clock.ts'
import type { DeviceId, JobId, OrderId, UserId } from '../ids.ts'

/** Whose fault a failure is. Only a miner's own fault touches a miner's reputation. */
export type Fault = 'target' | 'miner' | 'platform'

/** Why a repetition brought no page, as a stable code. `failureRules` says for each whether another attempt may help. */
export type FailureReason =
  | 'rate_limited'
  | 'server_error'
  | 'dns_failed'
  | 'connection_failed'
  | 'tls_failed'
  | 'timed_out'
  | 'cut_off'
  | 'too_large'
  | 'too_many_redirects'
  | 'bad_redirect'
  | 'bad_encoding'
  | 'robots_forbidden'
  | 'address_forbidden'
  | 'host_excluded'
  | 'host_denied'
  | 'bad_result'
  | 'lease_expired'
  | 'patience_over'
  | 'missed'

/** One hop of a redirect chain. */
export interface Redirect {
  readonly status: number
  readonly url: string
}

/** How long the fetch took, in milliseconds of the miner's monotonic clock. */
export interface Timings {
  readonly firstByteMs: number
  readonly totalMs: number
}

/** The body after transfer decoding. `storedBytes` is its size as compressed by the miner with `encoding`. */
export interface Content {
  readonly sha256: string
  readonly sizeBytes: number
  readonly encoding: 'zstd' | 'identity'
  readonly storedBytes: number
}

/** The site answered: any 2xx to 4xx but 429. */
export interface PageOutcome {
  readonly kind: 'page'
  readonly status: number
  readonly finalUrl: string
  readonly redirects: readonly Redirect[]
  readonly headers: readonly (readonly [string, string])[]
  readonly timings: Timings
  readonly content: Content
}

/** No page: `detail` is for the customer's eyes, in English, without internals. */
export interface FailureOutcome {
  readonly kind: 'failure'
  readonly reason: FailureReason
  readonly fault: Fault
  readonly detail: string
  readonly status?: number
  readonly retryAfterMs?: number
}

export type Outcome = PageOutcome | FailureOutcome

/** What came of a job. Only the first one stored for a jobId counts, for delivery and for money. */
export interface RunResult {
  readonly jobId: JobId
  readonly orderId: OrderId
  readonly rep: number
  readonly customerId: UserId
  readonly url: string
  readonly priceCoins: number
  readonly dueAt: Instant
  /** How many attempts were made, this one included; 0 when none was. */
  readonly attempt: number
  /** Who did the work and is paid for a page; absent when the platform itself failed the job. */
  readonly miner?: { readonly userId: UserId; readonly deviceId: DeviceId }
  /** When the last attempt began and ended, on the mining-server's clock. */
  readonly startedAt: Instant
  readonly finishedAt: Instant
  readonly outcome: Outcome
  /** W3C trace context of the job. */
  readonly traceparent: string
}
