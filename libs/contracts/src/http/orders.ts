import type { EntryState, RunResult, TimeWindow } from '@quarry/domain'
import { z } from 'zod'
import type { ErrorCode } from '../error-codes.ts'
import { cursorSchema, instantSchema } from '../primitives.ts'
import { extractSchema, type ExtractField } from './extract.ts'

export const MAX_REPETITIONS = 1_000_000
export const DEFAULT_MIN_INTERVAL_MS = 10_000
export const MAX_INTERVAL_MS = 366 * 24 * 3600 * 1000
export const MAX_PRICE_COINS = 100
export const MAX_NAME_LENGTH = 200
export const MAX_TAGS = 10
export const MAX_TAG_LENGTH = 30
export const MAX_WINDOWS = 7
export const MAX_JITTER_MS = 6 * 3600 * 1000
export const MAX_BULK_LINES = 1000
export const MAX_BULK_CSV_LENGTH = 1_000_000
/** No order costs more. */
const MAX_COST_COINS = MAX_REPETITIONS * MAX_PRICE_COINS

const startAtSchema = instantSchema.optional().describe('Unix milliseconds; now when absent')

/** Hours of a week on the clocks of the schedule's zone. */
export const timeWindowSchema = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('weekdays, 1 Monday to 7 Sunday, ascending'),
  fromMinute: z.int().min(0).max(1439).describe('minutes since midnight'),
  untilMinute: z.int().min(1).max(1440).describe('minutes since midnight, exclusive; of the next day when not later'),
})
export type TimeWindowInput = z.infer<typeof timeWindowSchema>

const jitterSchema = z.int().min(0).max(MAX_JITTER_MS).optional().describe('each run is put off by up to so much')
const timeZoneSchema = z.string().min(1).max(64).describe('IANA name, such as Europe/Berlin')

export const scheduleInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), startAt: startAtSchema }),
  z.strictObject({
    kind: z.literal('interval'),
    startAt: startAtSchema,
    intervalMs: z.int().min(1).max(MAX_INTERVAL_MS).describe('from 10 seconds; an operator may allow less'),
    timeZone: timeZoneSchema.optional().describe('whose clocks the windows follow'),
    windows: z.array(timeWindowSchema).min(1).max(MAX_WINDOWS).optional().describe('runs only within these hours'),
    jitterMs: jitterSchema,
  }),
  z.strictObject({
    kind: z.literal('cron'),
    startAt: startAtSchema,
    expression: z.string().min(1).max(200).describe('five fields, or six with seconds first'),
    timeZone: timeZoneSchema,
    jitterMs: jitterSchema,
  }),
])

export const nameSchema = z.string().max(MAX_NAME_LENGTH)
/** Words for finding orders again: cut at the ends, each once. */
export const tagsSchema = z
  .array(z.string().trim().min(1).max(MAX_TAG_LENGTH))
  .max(MAX_TAGS)
  .transform((tags) => [...new Set(tags)])

const termsShape = {
  schedule: scheduleInputSchema,
  repetitions: z.int().min(1).max(MAX_REPETITIONS).default(1),
  until: instantSchema.optional().describe('instead of repetitions: as many as are due up to here'),
  priceCoins: z.int().min(1).max(MAX_PRICE_COINS).default(1),
  patienceMs: z
    .int()
    .min(1000)
    .max(24 * 3600 * 1000)
    .default(10 * 60 * 1000),
  catchUp: z.enum(['latest', 'all', 'none']).default('latest'),
  maxCostCoins: z
    .int()
    .min(0)
    .max(MAX_COST_COINS)
    .optional()
    .describe('refused with cost_above_limit when it costs more'),
  extract: extractSchema.optional().describe('what to take from each page, for showing it'),
}
const urlSchema = z.string().min(1).max(2048).describe('http or https')

/** `POST /api/v1/orders`. The header `Idempotency-Key` makes a repeated request return the first one's order. */
export const placeOrderSchema = z.strictObject({
  url: urlSchema,
  name: nameSchema.default(''),
  tags: tagsSchema.optional(),
  ...termsShape,
})
export type PlaceOrder = z.infer<typeof placeOrderSchema>
export type PlaceOrderInput = z.input<typeof placeOrderSchema>

/** `PATCH /api/v1/orders/:id`: what may change after placing. What is left out stays. */
export const changeOrderSchema = z.strictObject({ name: nameSchema.optional(), tags: tagsSchema.optional() })
export type ChangeOrderInput = z.input<typeof changeOrderSchema>

/**
 * `POST /api/v1/orders/bulk` and `…/bulk/check`: many pages on the same terms. Exactly one of `lines` and `csv`. The lines are
 * judged one by one; nothing is placed while one is wrong, unless `placeValid`.
 */
export const bulkOrderSchema = z.strictObject({
  lines: z
    .array(z.strictObject({ url: z.string(), name: z.string().optional(), tags: z.array(z.string()).optional() }))
    .min(1)
    .max(MAX_BULK_LINES)
    .optional(),
  csv: z.string().max(MAX_BULK_CSV_LENGTH).optional().describe('a URL a line, or url,name,tags with ; between tags'),
  placeValid: z.boolean().default(false),
  ...termsShape,
})
export type BulkOrder = z.infer<typeof bulkOrderSchema>
export type BulkOrderInput = z.input<typeof bulkOrderSchema>

/** What became, or would become, of a line. */
export interface BulkLine {
  /** Counted from 1, as in the text that was sent. */
  readonly line: number
  readonly url: string
  readonly name?: string
  readonly tags?: readonly string[]
  readonly orderId?: string
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly field?: string }
}

/** Answer of `POST /api/v1/orders/bulk` and `…/bulk/check`. */
export interface BulkView {
  readonly lines: readonly BulkLine[]
  readonly valid: number
  readonly invalid: number
  readonly placed: number
  /** Of the valid lines. */
  readonly costCoins: number
  readonly balanceCoins: number
  readonly nextDueAt: readonly number[]
}

export const orderStates = ['placing', 'active', 'pausing', 'paused', 'cancelling', 'cancelled', 'finished'] as const
export const orderSorts = ['newest', 'next', 'name', 'last'] as const

/** `GET /api/v1/orders`: all conditions together. Without any, newest first, at any number of orders. */
export const orderListQuerySchema = z.object({
  after: z.string().min(1).max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  q: z.string().max(200).optional(),
  state: z.enum(orderStates).optional(),
  tag: z.string().max(MAX_TAG_LENGTH).optional(),
  sort: z.enum(orderSorts).default('newest'),
})
export type OrderListQuery = z.infer<typeof orderListQuerySchema>

/** `GET /api/v1/orders/summary`: how many orders there are of each kind. */
export interface OrderSummary {
  readonly total: number
  readonly states: Readonly<Partial<Record<OrderView['state'], number>>>
  /** The tags in use, the most used first. */
  readonly tags: readonly { readonly tag: string; readonly orders: number }[]
  /** There are more orders than the newest `total`, which alone are searched, filtered, sorted and counted. */
  readonly more: boolean
}

/** `PUT /api/v1/orders/limits`: what the customer does not want to go beyond; absent for no limit. */
export const spendLimitsSchema = z.strictObject({
  orderCoins: z.int().min(1).max(MAX_COST_COINS).optional().describe('most that one order may cost'),
  monthCoins: z.int().min(1).max(MAX_COST_COINS).optional().describe('most that the orders of a UTC month may cost'),
})
/** `GET` and `PUT /api/v1/orders/limits`. */
export interface SpendLimitsView {
  readonly orderCoins?: number
  readonly monthCoins?: number
  /** What this month's orders have put in escrow, less what came back. */
  readonly spentThisMonthCoins: number
}

/** An order as the API shows it: what was placed, where it stands, how far it has come. */
export interface OrderView {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly tags?: readonly string[]
  readonly schedule:
    | { readonly kind: 'once'; readonly startAt: number }
    | {
        readonly kind: 'interval'
        readonly startAt: number
        readonly intervalMs: number
        readonly timeZone?: string
        readonly windows?: readonly TimeWindow[]
        readonly jitterMs?: number
      }
    | {
        readonly kind: 'cron'
        readonly startAt: number
        readonly expression: string
        readonly timeZone: string
        readonly jitterMs?: number
      }
  readonly repetitions: number
  /** The end that was asked for, from which `repetitions` were counted. */
  readonly until?: number
  readonly priceCoins: number
  readonly patienceMs: number
  readonly catchUp: 'latest' | 'all' | 'none'
  readonly createdAt: number
  readonly extract?: readonly ExtractField[]
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
  /** As given, or counted up to `until`. */
  readonly repetitions: number
  /** Without jitter, which belongs to the order to be. */
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
