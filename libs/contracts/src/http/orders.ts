import type { EntryState, RunResult } from '@quarry/domain'
import { z } from 'zod'
import { cursorSchema, instantSchema } from '../primitives.ts'

export const MAX_REPETITIONS = 1_000_000
export const DEFAULT_MIN_INTERVAL_MS = 10_000
export const MAX_INTERVAL_MS = 366 * 24 * 3600 * 1000
export const MAX_PRICE_COINS = 100

const startAtSchema = instantSchema.optional().describe('Unix milliseconds; now when absent')

export const scheduleInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), startAt: startAtSchema }),
  z.strictObject({
    kind: z.literal('interval'),
    startAt: startAtSchema,
    intervalMs: z.int().min(1).max(MAX_INTERVAL_MS).describe('from 10 seconds; an operator may allow less'),
  }),
  z.strictObject({
    kind: z.literal('cron'),
    startAt: startAtSchema,
    expression: z.string().min(1).max(200).describe('five fields, or six with seconds first'),
    timeZone: z.string().min(1).max(64).describe('IANA name, such as Europe/Berlin'),
  }),
])

/** `POST /api/v1/orders`. The header `Idempotency-Key` makes a repeated request return the first one's order. */
export const placeOrderSchema = z.strictObject({
  url: z.string().min(1).max(2048).describe('http or https'),
  name: z.string().max(200).default(''),
  schedule: scheduleInputSchema,
  repetitions: z.int().min(1).max(MAX_REPETITIONS).default(1),
  priceCoins: z.int().min(1).max(MAX_PRICE_COINS).default(1),
  patienceMs: z
    .int()
    .min(1000)
    .max(24 * 3600 * 1000)
    .default(10 * 60 * 1000),
  catchUp: z.enum(['latest', 'all', 'none']).default('latest'),
})
export type PlaceOrder = z.infer<typeof placeOrderSchema>
export type PlaceOrderInput = z.input<typeof placeOrderSchema>

/** An order as the API shows it: what was placed, where it stands, how far it has come. */
export interface OrderView {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly schedule:
    | { readonly kind: 'once'; readonly startAt: number }
    | { readonly kind: 'interval'; readonly startAt: number; readonly intervalMs: number }
    | { readonly kind: 'cron'; readonly startAt: number; readonly expression: string; readonly timeZone: string }
  readonly repetitions: number
  readonly priceCoins: number
  readonly patienceMs: number
  readonly catchUp: 'latest' | 'all' | 'none'
  readonly createdAt: number
  /** `placing` for the moment before the coins are in escrow. */
  readonly state: EntryState | 'placing'
  readonly reason?: string
  readonly delivered: number
  readonly failed: number
  /** The next due times, at most five. */
  readonly nextDueAt: readonly number[]
  readonly lastRun?: RunResult
  readonly coins: {
    readonly paidIn: number
    readonly paidOut: number
    readonly refunded: number
    readonly inEscrow: number
  }
}

/** A list of views: `next` goes into the next request's `after`. */
export interface PageView<T> {
  readonly items: readonly T[]
  readonly next?: string
}

export const pageQuerySchema = z.object({
  after: cursorSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type PageQuery = z.infer<typeof pageQuerySchema>

/** `POST /api/v1/orders/preview`: what an order would cost and when it would run, without placing it. */
export interface OrderPreview {
  readonly costCoins: number
  readonly nextDueAt: readonly number[]
  readonly endsAt?: number
  readonly balanceCoins: number
}

/** `POST /api/v1/orders/:id/pause` */
export const pauseOrderSchema = z.strictObject({ reason: z.string().max(500).optional() })

/** Answer of `POST /api/v1/orders/:id/cancel`. */
export interface CancelView {
  readonly order: OrderView
  readonly refundedCoins: number
}

/** `Idempotency-Key` of `POST /api/v1/orders`. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
/** The repetition in a path. */
export const repSchema = z.coerce.number().int().min(0).max(MAX_REPETITIONS)
