import type { Flow, Forecast, TransferKind } from '@quarry/domain'
import { z } from 'zod'
import { pageQuerySchema } from './orders.ts'

/** `GET /api/v1/coins/balance` */
export interface BalanceView {
  readonly availableCoins: number
  readonly heldCoins: number
  readonly faucet: boolean
}

/** One line of `GET /api/v1/coins/journal`; `amountCoins` is negative when coins left the account. */
export interface JournalLine {
  readonly transferId: string
  readonly kind: TransferKind
  readonly amountCoins: number
  readonly orderId?: string
  readonly at: number
}

/** `POST /api/v1/coins/faucet`, where the operator enables it. */
export const faucetSchema = z.strictObject({ amountCoins: z.int().min(1).max(1_000_000) })

const transferKinds = ['mint', 'escrow', 'payment', 'refund', 'forfeit'] as const satisfies readonly TransferKind[]
const kindSchema = z.enum(transferKinds).optional().describe('only movements of this kind')

/** `GET /api/v1/coins/journal` */
export const journalPageSchema = pageQuerySchema.extend({ kind: kindSchema })
export type JournalPage = z.infer<typeof journalPageSchema>

/** `GET /api/v1/coins/journal/export`: the whole journal, newest first, as a stream. */
export const journalExportSchema = z.object({ format: z.enum(['csv', 'jsonl']).default('csv'), kind: kindSchema })
export type JournalExport = z.infer<typeof journalExportSchema>

/** Most days that `GET /api/v1/coins/flows` sums up. */
export const MAX_FLOW_DAYS = 1_100

/** `GET /api/v1/coins/flows`: days are in UTC, both count. */
export const flowsSchema = z
  .object({ from: z.iso.date(), to: z.iso.date(), per: z.enum(['day', 'week', 'month']).default('day') })
  .refine(({ from, to }) => spanDays(from, to) >= 0, { path: ['to'], message: 'must not lie before from' })
  .refine(({ from, to }) => spanDays(from, to) < MAX_FLOW_DAYS, {
    path: ['from'],
    message: `must lie less than ${MAX_FLOW_DAYS} days before to`,
  })
export type FlowsQuery = z.infer<typeof flowsSchema>

function spanDays(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000
}

/** Answer of `GET /api/v1/coins/flows`: sums by period and kind, oldest first; periods without movement are absent. */
export interface FlowsView {
  readonly flows: readonly (Omit<Flow, 'day'> & { readonly start: string })[]
}

/** Answer of `GET /api/v1/coins/forecast`. */
export interface ForecastView extends Forecast {
  /** The orders that hold most, each with its coins in escrow. */
  readonly orders: readonly {
    readonly orderId: string
    readonly name: string
    readonly url: string
    readonly heldCoins: number
    readonly endsAt?: number
  }[]
  /** Orders that hold coins, those that are not listed included. */
  readonly orderCount: number
  /** Whether there are more orders than were looked at: then all of it is too low. */
  readonly incomplete: boolean
}
