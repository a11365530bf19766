import { WEBHOOK_VERSION, type WebhookPayload } from '@quarry/contracts'
import type { Instant, Order, RunEventType, RunResult, WebhookEventType } from '@quarry/domain'
import type { Note } from '@quarry/storage-port'

/** Something to tell. Its id follows from what happened, so that telling it again is seen to be a repetition. */
export interface News {
  readonly eventId: string
  readonly type: WebhookEventType
  readonly at: Instant
  readonly payload: string
  /** What a mail gathers by. */
  readonly orderId?: string
  readonly rep?: number
}

/** The part of an order that news name. */
export type NamedOrder = Pick<Order, 'id' | 'name'>

export function runNews(
  type: RunEventType,
  run: RunResult,
  more: { name: string; missesInARow: number; at: Instant },
): News {
  const { orderId, rep, jobId, url } = run
  const data = {
    orderId,
    orderName: more.name,
    rep,
    jobId,
    url,
    dueAt: isoOf(run.dueAt),
    finishedAt: isoOf(run.finishedAt),
    outcome: outcomeOf(run),
  }
  return {
    ...newsOf(
      type === 'run.failed'
        ? { ...headOf(type, more.at), data: { ...data, missesInARow: more.missesInARow } }
        : { ...headOf(type, more.at), data },
      `${orderId}_${rep}`,
      more.at,
    ),
    type,
    orderId,
    rep,
  }
}

export function finishedNews(order: NamedOrder, totals: { delivered: number; failed: number }, at: Instant): News {
  const data = { orderId: order.id, orderName: order.name, delivered: totals.delivered, failed: totals.failed }
  return { ...newsOf({ ...headOf('order.finished', at), data }, order.id, at), type: 'order.finished' }
}

export function pausedNews(order: NamedOrder, note: Note & { news: { type: 'order.paused' } }): News {
  const { reason } = note.news
  const data = { orderId: order.id, orderName: order.name, ...(reason !== undefined && { reason }) }
  return {
    ...newsOf({ ...headOf('order.paused', note.at), data }, '', note.at),
    eventId: note.noteId,
    type: 'order.paused',
  }
}

export function lowBalanceNews(note: Note & { news: { type: 'balance.low' } }): News {
  const { availableCoins, thresholdCoins } = note.news
  const payload = { ...headOf('balance.low', note.at), data: { availableCoins, thresholdCoins } }
  return { ...newsOf(payload, '', note.at), eventId: note.noteId, type: 'balance.low' }
}

/** The body of a test, which no event stands behind. */
export function testPayload(endpointId: string, at: Instant): { eventId: string; payload: string } {
  const { eventId, payload } = newsOf(
    { ...headOf('webhook.test', at), data: { endpointId } },
    `${endpointId}_${at}`,
    at,
  )
  return { eventId, payload }
}

function headOf<T extends WebhookPayload['type']>(type: T, at: Instant) {
  return { version: WEBHOOK_VERSION, type, timestamp: isoOf(at) } as const
}

/** A `webhook-id` has no full stop: the signature is made over parts that full stops divide. */
function newsOf(payload: WebhookPayload, subject: string, at: Instant) {
  return { eventId: `${payload.type.replace('.', '-')}_${subject}`, at, payload: JSON.stringify(payload) }
}

function outcomeOf({ outcome }: RunResult) {
  if (outcome.kind === 'failure') {
    const { kind, reason, fault, detail, status } = outcome
    return { kind, reason, fault, detail, ...(status !== undefined && { status }) }
  }
  const { kind, status, finalUrl, content, timings } = outcome
  const { sha256, sizeBytes } = content
  return { kind, status, finalUrl, sha256, sizeBytes, totalMs: timings.totalMs }
}

function isoOf(at: Instant): string {
  return new Date(at).toISOString()
}
