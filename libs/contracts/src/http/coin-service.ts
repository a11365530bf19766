import type { OrderId, Transfer, TransferOutcome, UserId } from '@quarry/domain'
import { z } from 'zod'
import { transferSchema } from '../queue/messages.ts'
import { orderIdSchema, userIdSchema } from '../primitives.ts'
import type { JournalLine } from './coins.ts'
import { pageQuerySchema, type PageView } from './orders.ts'

/**
 * The coin service as other services call it: directly when both live in one process, else by HTTP inside the cluster
 * (`POST /internal/coins/<method>`). Throws `CodedError` `unavailable` when it cannot be reached; repeating any call is safe.
 */
export interface CoinService {
  /** As `LedgerStore.apply`: outcomes at the index of their transfers, each id at most once. */
  apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]>
  balance(userId: UserId): Promise<{ readonly availableCoins: number; readonly heldCoins: number }>
  journal(userId: UserId, page: { after?: string; limit: number }): Promise<PageView<JournalLine>>
  /** What became of each order's coins, at the index of the order. */
  orderCoins(orderIds: readonly OrderId[]): Promise<readonly OrderCoinsView[]>
}

export interface OrderCoinsView {
  readonly paidInCoins: number
  readonly paidOutCoins: number
  readonly refundedCoins: number
}

export const applyTransfersSchema = z.strictObject({ transfers: z.array(transferSchema).max(1000) })
export const balanceQuerySchema = z.strictObject({ userId: userIdSchema })
export const journalQuerySchema = z.strictObject({ userId: userIdSchema, page: pageQuerySchema })
export const orderCoinsQuerySchema = z.strictObject({ orderIds: z.array(orderIdSchema).max(200) })
