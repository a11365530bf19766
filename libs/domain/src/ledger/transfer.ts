import type { Instant } from '../clock.ts'
import type { OrderId } from '../ids.ts'
import type { AccountId } from './accounts.ts'

/** Why coins moved. `forfeit`: to the house, by an operator or with a deleted account. */
export type TransferKind = 'mint' | 'escrow' | 'payment' | 'refund' | 'forfeit'

/** Double entry: whole coins leave `debit` and enter `credit`. */
export interface Transfer {
  /** Deterministic, so that a repeated step repeats the id: the jobId of a settlement, `orderId:escrow`, `orderId:cancel`. */
  readonly id: string
  readonly kind: TransferKind
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amountCoins: number
  readonly orderId?: OrderId
  readonly at: Instant
}

/**
 * What the ledger made of a transfer. `posted` also when the same id was posted before with the same parameters;
 * `insufficient` stays refused for ever under this id; `mismatch` means the id is taken by other parameters.
 */
export type TransferOutcome =
  | { readonly kind: 'posted'; readonly repeated: boolean }
  | { readonly kind: 'insufficient'; readonly availableCoins: number }
  | { readonly kind: 'mismatch' }

/** The parameters that make two transfers of one id the same; the time is not among them. */
export function sameTransfer(a: Transfer, b: Transfer): boolean {
  return (
    a.kind === b.kind &&
    a.debit === b.debit &&
    a.credit === b.credit &&
    a.amountCoins === b.amountCoins &&
    a.orderId === b.orderId
  )
}
