import {
  MAX_ENDPOINTS,
  MAX_MISSES_IN_A_ROW,
  webhookEventTypes,
  type MailWishes,
  type WebhookEventType,
} from '@quarry/domain'
import { z } from 'zod'

/** The version of every webhook's payload. A field may be added; none changes its meaning or goes while this stays. */
export const WEBHOOK_VERSION = 1
/** How long the secret before still signs after a rotation, at most. */
export const MAX_OVERLAP_HOURS = 168

export { MAX_ENDPOINTS, MAX_MISSES_IN_A_ROW }

export const endpointIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be an endpoint id')
/** A `webhook-id`, as a path holds it. */
export const eventIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,120}$/, 'must be the id of a webhook')

const eventsSchema = z
  .array(z.enum(webhookEventTypes))
  .min(1)
  .max(webhookEventTypes.length)
  .refine((events) => new Set(events).size === events.length, 'must name each event once')

/** `POST /api/v1/notifications/endpoints` */
export const createEndpointSchema = z.strictObject({
  url: z.string().min(1).max(2048).describe('https; http only where the operator allows it'),
  name: z.string().trim().max(100).default(''),
  events: eventsSchema,
})
export type CreateEndpoint = z.infer<typeof createEndpointSchema>

/** `POST /api/v1/notifications/endpoints/:id`: what is absent stays. */
export const changeEndpointSchema = z.strictObject({
  url: createEndpointSchema.shape.url.optional(),
  name: z.string().trim().max(100).optional(),
  events: eventsSchema.optional(),
  enabled: z.boolean().optional(),
})
export type ChangeEndpoint = z.infer<typeof changeEndpointSchema>

/** `POST /api/v1/notifications/endpoints/:id/secret` */
export const rotateSecretSchema = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_HOURS)
    .default(24)
    .describe('how long the secret before still signs as well'),
})

/** `POST /api/v1/notifications/settings` */
export const notificationSettingsSchema = z.strictObject({
  mail: z.strictObject({
    changed: z.boolean(),
    failed: z.boolean(),
    lowBalance: z.boolean(),
    language: z.enum(['en', 'de']),
  }),
  missesInARow: z.int().min(1).max(MAX_MISSES_IN_A_ROW),
  lowBalanceCoins: z.int().min(1).max(1_000_000_000).optional().describe('absent: never told'),
})
export type NotificationSettings = z.infer<typeof notificationSettingsSchema>

/** `POST /api/v1/notifications/unsubscribe`, without signing in: the token is the permission. */
export const unsubscribeSchema = z.object({ token: z.string().min(1).max(300) })

/** A webhook as its owner sees it; its secret is shown once, when it is made. */
export interface EndpointView {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly events: readonly WebhookEventType[]
  readonly createdAt: number
  /** Why nothing is sent; absent while it works. */
  readonly disabled?: { readonly at: number; readonly why: 'by-owner' | 'gone' | 'failing' }
  /** Until then the secret before signs as well. */
  readonly overlapUntil?: number
  /** Since when nothing has arrived. */
  readonly failingSince?: number
  /** Deliveries that are to be tried again. */
  readonly waiting: number
}

/** Answer to creating an endpoint and to rotating its secret: the only time that the secret is shown. */
export interface EndpointWithSecret {
  readonly endpoint: EndpointView
  readonly secret: string
}

/** `GET /api/v1/notifications` */
export interface NotificationsView {
  readonly endpoints: readonly EndpointView[]
  readonly mail: Omit<MailWishes, 'since'>
  /** Whether this server sends mails, and where to. */
  readonly mailTo?: string
  readonly missesInARow: number
  readonly lowBalanceCoins?: number
}

/** A line of `GET /api/v1/notifications/endpoints/:id/deliveries`. */
export interface DeliveryView {
  readonly eventId: string
  readonly type: WebhookEventType | 'webhook.test'
  /** When what it tells happened. */
  readonly at: number
  readonly state: 'delivered' | 'waiting' | 'given-up'
  readonly attempts: number
  readonly triedAt: number
  readonly durationMs: number
  readonly status?: number
  readonly error?: string
  readonly nextAt?: number
}

const instantText = z.iso.datetime()
const runData = z.object({
  orderId: z.string(),
  orderName: z.string(),
  rep: z.int(),
  jobId: z.string(),
  url: z.string(),
  dueAt: instantText,
  finishedAt: instantText,
  outcome: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('page'),
      status: z.int(),
      finalUrl: z.string(),
      sha256: z.string(),
      sizeBytes: z.int(),
      totalMs: z.number(),
    }),
    z.object({
      kind: z.literal('failure'),
      reason: z.string(),
      fault: z.string(),
      detail: z.string(),
      status: z.int().optional(),
    }),
  ]),
})

const typed = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.object({ version: z.literal(WEBHOOK_VERSION), type: z.literal(type), timestamp: instantText, data })

/** The body of a webhook. `timestamp` is when it happened; the header `webhook-timestamp` is when it was sent. */
export const webhookPayloadSchema = z.discriminatedUnion('type', [
  typed('run.delivered', runData),
  typed('run.changed', runData),
  typed('run.failed', runData.extend({ missesInARow: z.int() })),
  typed(
    'order.finished',
    z.object({ orderId: z.string(), orderName: z.string(), delivered: z.int(), failed: z.int() }),
  ),
  typed('order.paused', z.object({ orderId: z.string(), orderName: z.string(), reason: z.string().optional() })),
  typed('balance.low', z.object({ availableCoins: z.int(), thresholdCoins: z.int() })),
  typed('webhook.test', z.object({ endpointId: z.string() })),
])
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>
