import type { OrderId, UserId } from '../ids.ts'
import { bucketOf } from '../sharding/bucket.ts'
import { hash32 } from '../sharding/hash.ts'

/** `user:<id>`, `escrow:<0..63>` or `mint:<0..63>`. */
export type AccountId = `user:${string}` | `escrow:${number}` | `mint:${number}`

/** Few enough that settlements batch, many enough that no escrow account is hot. Fixed for ever. */
export const ESCROW_ACCOUNTS = 64
export const MINT_ACCOUNTS = 64

/** Where coins go that belong to nobody any more: those of deleted accounts, and those an operator took. No user has this id. */
export const HOUSE_ACCOUNT: AccountId = 'user:house'

export function userAccount(userId: UserId): AccountId {
  return `user:${userId}`
}

/** The escrow account that holds an order's coins until each repetition settles. */
export function escrowAccount(orderId: OrderId): AccountId {
  return `escrow:${bucketOf(orderId) % ESCROW_ACCOUNTS}`
}

/** Coins enter the marketplace here only; its balance is negative by as much as was ever minted. */
export function mintAccount(userId: UserId): AccountId {
  return `mint:${hash32(userId) % MINT_ACCOUNTS}`
}

export function mayOverdraw(account: AccountId): boolean {
  return account.startsWith('mint:')
}
