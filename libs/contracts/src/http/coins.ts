import type { TransferKind } from '@quarry/domain'
import { z } from 'zod'

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
