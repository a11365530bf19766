import type { AccountId, Day, Flow, Instant, Transfer, TransferKind, TransferOutcome } from '@quarry/domain'
import type { Page } from './order-store.ts'

export interface Balance {
  /** Coins posted: the sum of all credits less all debits. */
  readonly postedCoins: number
  /** Coins set aside for unfinished outgoing transfers; not available. 0 where coins leave an account at once. */
  readonly heldCoins: number
}

/** One side of a transfer as seen from an account; `amountCoins` is negative for a debit. */
export interface JournalEntry {
  readonly transfer: Transfer
  readonly amountCoins: number
}

/**
 * One broken promise of the ledger, in words, with the account, order or transfer it concerns. `stored-is-settled` is not
 * the ledger's own: it takes what else is stored to tell.
 */
export interface LedgerViolation {
  readonly invariant: 'sum-is-zero' | 'rows-match-balance' | 'no-overdraft' | 'order-adds-up' | 'stored-is-settled'
  readonly subject: string
  readonly detail: string
}

/** Coins of one order, from its transfers: `inEscrow = paidIn - settled - refunded`. */
export interface OrderCoins {
  readonly paidInCoins: number
  readonly paidOutCoins: number
  readonly refundedCoins: number
}

/**
 * What the ledger made of an id. `taken`: its coins moved, or will as soon as it is swept. `refused`: there were not enough,
 * and under this id there never will be. `unknown`: nobody gave it, or nothing was done about it.
 */
export type TransferStanding = 'taken' | 'refused' | 'unknown'

/**
 * Double-entry accounts of whole coins. Each transfer is atomic: both sides or neither, exactly once per id; a batch
 * is not atomic. Reads see every confirmed transfer. Throws `Unavailable` (nothing done) and `UnknownOutcome`
 * (some may be done): repeating the whole batch with the same ids is safe and tells the true outcomes.
 */
export interface LedgerStore {
  /**
   * Applies the transfers in order and says for each what became of it, at the same index. No account but a mint
   * falls below zero. An id refused as `insufficient` stays refused; an id taken by other parameters is a `mismatch`.
   * An amount that is no positive whole number, or one account on both sides, is a bug: throws `RangeError`, does nothing.
   */
  apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]>
  /** At the index of each id; at most 1,000 of them. */
  standings(ids: readonly string[]): Promise<readonly TransferStanding[]>
  balance(account: AccountId): Promise<Balance>
  /**
   * The account's entries, newest first, of one kind or all. `limit` is 1 to 200. A page of one kind may hold fewer, even
   * none, and have a `next` all the same: so much of the journal is looked through at a time.
   */
  journal(account: AccountId, page: { after?: string; limit: number; kind?: TransferKind }): Promise<Page<JournalEntry>>
  /** What came to a user's account and went from it, by day and kind of transfer, oldest day first; both days count. */
  flows(account: AccountId, days: { from: Day; to: Day }): Promise<readonly Flow[]>
  /** What became of an order's coins so far. */
  orderCoins(orderId: string): Promise<OrderCoins>
  /**
   * Brings transfers to their end that a call begun before `before` left halfway because it died: their coins have left
   * one account and not arrived in the other, or their ids are taken and nothing has moved. About `limit` at most;
   * returns how many. Any number may sweep at once, beside living callers. Where a batch cannot stop halfway, 0.
   */
  sweep(before: Instant, limit: number): Promise<number>
  /** Checks every invariant over the whole ledger; empty when all hold. */
  audit(at: Instant): Promise<readonly LedgerViolation[]>
}
