import type { Day, Flow, OrderId, Transfer, TransferKind, TransferOutcome, UserId } from '@quarry/domain'
import { z } from 'zod'
import { transferSchema } from '../queue/messages.ts'
import { orderIdSchema, userIdSchema } from '../primitives.ts'
import { journalPageSchema, type JournalLine } from './coins.ts'
import type { PageView } from './orders.ts'

/**
 * The coin service as other services call it: directly when both live in one process, else by HTTP inside the cluster
 * (`POST /internal/coins/<method>`). Throws `CodedError` `unavailable` when it cannot be reached; repeating any call is safe.
 */
export interface CoinService {
  /** As `LedgerStore.apply`: outcomes at the index of their transfers, each id at most once. */
  apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]>
  balance(userId: UserId): Promise<{ readonly availableCoins: number; readonly heldCoins: number }>
  /** A page of one kind may hold fewer lines than its limit, even none, and have a `next` all the same. */
  journal(userId: UserId, page: { after?: string; limit: number; kind?: TransferKind }): Promise<PageView<JournalLine>>
  /** What came and went by day and kind, oldest day first; both days count. */
  flows(userId: UserId, days: { from: Day; to: Day }): Promise<readonly Flow[]>
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
export const journalQuerySchema = z.strictObject({ userId: userIdSchema, page: journalPageSchema })
const daySchema = z.int().min(0).max(100_000)
export const flowsQuerySchema = z.strictObject({
  userId: userIdSchema,
  days: z.strictObject({ from: daySchema, to: daySchema }),
})
export const orderCoinsQuerySchema = z.strictObject({ orderIds: z.array(orderIdSchema).max(200) })
