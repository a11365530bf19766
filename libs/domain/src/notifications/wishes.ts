import type { Instant } from '../clock.ts'
import type { UserId } from '../ids.ts'
import { hash32 } from '../sharding/hash.ts'

/** What a webhook can be told of. */
export const webhookEventTypes = [
  'run.delivered',
  'run.changed',
  'run.failed',
  'order.finished',
  'order.paused',
  'balance.low',
] as const
export type WebhookEventType = (typeof webhookEventTypes)[number]

export const MAX_ENDPOINTS = 10
export const MAX_MISSES_IN_A_ROW = 20

/** A customer's webhook. Its secret is no part of it: it follows from the ids, the generation and the server's key. */
export interface WebhookEndpoint {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly events: readonly WebhookEventType[]
  readonly createdAt: Instant
  /** Events count from here on; moves when the endpoint is enabled again. */
  readonly enabledAt: Instant
  /** `by-owner`, `gone`: it answered 410; `failing`: nothing arrived for days. */
  readonly disabled?: { readonly at: Instant; readonly why: 'by-owner' | 'gone' | 'failing' }
  /** Rises by one with every rotation of the secret. */
  readonly generation: number
  /** Until then the secret of the generation before signs as well. */
  readonly overlapUntil?: Instant
  /** The last test, so that tests of all instances keep a distance. */
  readonly testedAt?: Instant
}

/** Which mails a customer wants; none until asked for. */
export interface MailWishes {
  readonly changed: boolean
  readonly failed: boolean
  readonly lowBalance: boolean
  readonly language: 'en' | 'de'
  /** Events count from here on. */
  readonly since: Instant
}

/** All that a customer said about notifications. */
export interface NotificationWishes {
  readonly endpoints: readonly WebhookEndpoint[]
  readonly mail: MailWishes
  /** An order counts as failing after so many repetitions in a row without a page: 1 to `MAX_MISSES_IN_A_ROW`. */
  readonly missesInARow: number
  /** Told once, whenever the available coins fall below it. */
  readonly lowBalanceCoins?: number
}

/** Of somebody who never said anything: no endpoints, no mails. */
export function noWishes(now: Instant): NotificationWishes {
  return {
    endpoints: [],
    mail: { changed: false, failed: false, lowBalance: false, language: 'en', since: now },
    missesInARow: 3,
  }
}

/** Lines that the log of an endpoint keeps. */
export const LOG_ROWS = 100
/** Customers are spread over so many parts, each worked on by one instance. Fixed for ever. */
export const NOTIFICATION_PARTS = 8

/** The part that a customer belongs to. */
export function notificationPartOf(userId: UserId): number {
  return hash32(userId) % NOTIFICATION_PARTS
}
