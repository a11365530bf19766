import type { Instant, Random } from '../clock.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The longest wait after each attempt that failed; after the last there is none. Together less than a day. */
export const webhookRetryDelaysMs: readonly number[] = [
  5 * SECOND,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  6 * HOUR,
]
/** Nothing is tried any more after this time from the first attempt. */
export const WEBHOOK_PATIENCE_MS = 24 * HOUR
/** An endpoint that has taken nothing for so long is disabled. */
export const WEBHOOK_FAILING_MS = 3 * 24 * HOUR

/** What an endpoint answered; `status` is undefined when no answer came. */
export interface WebhookAnswer {
  readonly status?: number
  readonly retryAfterMs?: number
}

export type DeliveryVerdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'retry'; readonly nextAt: Instant }
  | { readonly kind: 'given-up' }

/**
 * What becomes of a delivery after its `attempts`-th attempt. A wait is up to a fifth shorter than its entry in the
 * table, by chance, so that what failed together does not come back together; `Retry-After` makes it longer.
 */
export function judgeDelivery(
  tried: { answer: WebhookAnswer; attempts: number; firstTriedAt: Instant; now: Instant },
  random: Random,
): DeliveryVerdict {
  const { answer, attempts, firstTriedAt, now } = tried
  if (answer.status !== undefined && answer.status >= 200 && answer.status < 300) return { kind: 'delivered' }
  if (answer.status === 410) return { kind: 'gone' }
  const longestMs = webhookRetryDelaysMs[attempts - 1]
  if (longestMs === undefined) return { kind: 'given-up' }
  const waitMs = Math.round(longestMs * (0.8 + 0.2 * random.next()))
  const nextAt = now + Math.max(waitMs, answer.retryAfterMs ?? 0)
  return nextAt > firstTriedAt + WEBHOOK_PATIENCE_MS ? { kind: 'given-up' } : { kind: 'retry', nextAt }
}
