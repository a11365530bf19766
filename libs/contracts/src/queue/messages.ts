import type { RunResult, Transfer } from '@quarry/domain'
import { z } from 'zod'
import { deviceIdSchema, instantSchema, orderIdSchema, traceparentSchema } from '../primitives.ts'
import { runResultSchema } from '../results.ts'

/**
 * A final result on its way from a mining-server (or, for a missed repetition, a scheduler) to the result-servers.
 * Id: `run.jobId`. The body travels beside the envelope as bytes, encoded as `run.outcome.content.encoding` says.
 */
export interface ResultMessage {
  readonly v: 1
  readonly run: RunResult
  readonly body?: Uint8Array
}

export const resultEnvelopeSchema = z.object({ v: z.literal(1), run: runResultSchema })

/** A transfer out of escrow on its way to the coin service. Id: `transfer.id`. */
export interface SettlementMessage {
  readonly v: 1
  readonly transfer: Transfer
  readonly traceparent: string
  /** Of a payment: the payee's device that fetched the page. For figures to look at. */
  readonly deviceId?: string
}

const accountSchema = z.string().regex(/^(user:[A-Za-z0-9_-]{1,64}|escrow:\d{1,2}|mint:\d{1,2})$/)

export const transferSchema = z.object({
  id: z.string().min(1).max(100),
  kind: z.enum(['mint', 'escrow', 'payment', 'refund', 'forfeit']),
  debit: accountSchema,
  credit: accountSchema,
  amountCoins: z.int().min(1),
  orderId: orderIdSchema.optional(),
  at: instantSchema,
})

export const settlementMessageSchema = z.object({
  v: z.literal(1),
  transfer: transferSchema,
  traceparent: traceparentSchema,
  deviceId: deviceIdSchema.optional(),
})
