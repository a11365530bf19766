import type { UserId } from '@quarry/domain'
import { z } from 'zod'
import { cursorSchema, userIdSchema } from '../primitives.ts'
import { factorsSchema, type Factors } from './account-data.ts'
import type { PageView } from './orders.ts'

/** An account as auth knows it. */
export interface AccountView {
  readonly userId: string
  readonly email: string
  readonly createdAt: number
  readonly totpEnabled: boolean
  readonly admin: boolean
  readonly state: 'open' | 'disabled' | 'deleting'
}

/** All that auth holds of a user but what proves who one is: no hash, no secret, no token. */
export interface AccountRecord {
  readonly profile: AccountView
  readonly sessions: readonly { readonly createdAt: number; readonly refreshedAt: number; readonly expiresAt: number }[]
  readonly apiTokens: readonly {
    readonly name: string
    readonly scopes: readonly string[]
    readonly createdAt: number
    readonly lastUsedAt?: number
  }[]
  readonly linkedSignIns: readonly { readonly provider: string; readonly email: string; readonly linkedAt: number }[]
}

/**
 * Auth as other services ask it about accounts: directly when both live in one process, else by HTTP inside the cluster
 * (`POST /internal/accounts/<method>`). Throws `CodedError`: `unavailable` when it cannot be reached, and what is said
 * of each method. Repeating any call is safe.
 */
export interface AccountService {
  /** Every factor in force, shown anew. `sign_in_failed`, `totp_required`, `too_many_requests`. A code is used up by it. */
  confirm(userId: UserId, factors: Factors): Promise<void>
  /** Accounts whose address begins with `search`, by address. */
  list(page: { search: string; after?: string; limit: number }): Promise<PageView<AccountView>>
  /** `account_not_found`. */
  find(userId: UserId): Promise<AccountView>
  /** Shut, the account's sessions end, and nobody signs in. `account_not_found`; `wrong_state` of one that is being deleted. */
  setState(userId: UserId, state: 'open' | 'disabled'): Promise<void>
  /** Shuts the account for good: sessions and API tokens end. Of an account that is gone it does nothing. */
  close(userId: UserId): Promise<void>
  /** `account_not_found`. */
  record(userId: UserId): Promise<AccountRecord>
  /** Forgets the user; see `AccountDirectory.eraseUser`. */
  erase(userId: UserId): Promise<void>
}

export const confirmFactorsSchema = z.strictObject({ userId: userIdSchema, factors: factorsSchema })
export const accountQuerySchema = z.strictObject({ userId: userIdSchema })
export const accountListSchema = z.strictObject({
  search: z.string().max(254),
  after: cursorSchema.optional(),
  limit: z.int().min(1).max(200),
})
export const accountStateSchema = z.strictObject({ userId: userIdSchema, state: z.enum(['open', 'disabled']) })
