import type { Instant, UserId } from '@quarry/domain'
import type { StoredApiToken } from './user-store.ts'

/** What has become of a device's request: it waits, a person has decided, or its one token was made. */
export type DeviceGrantState = 'pending' | 'approved' | 'refused' | 'redeemed'

/** A program that waits for a person to approve it in the site (RFC 8628). Both codes are kept as hashes only. */
export interface DeviceGrant {
  readonly codeHash: string
  /** Unique among the grants that are kept. */
  readonly userCodeHash: string
  /** Which program asks, such as `mining-client`. */
  readonly client: string
  readonly deviceName: string
  readonly scopes: readonly string[]
  /** The network address of the request. */
  readonly askedFrom: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** The least time between two polls, as it stands now. */
  readonly pollIntervalMs: number
  /** When it was polled last; 0 before the first time. */
  readonly polledAt: Instant
  readonly state: DeviceGrantState
  /** Who decided. */
  readonly userId?: UserId
}

export interface DeviceDecision {
  readonly state: 'approved' | 'refused'
  readonly userId: UserId
  readonly at: Instant
}

/** Grants, linearizable each. Throws as `AccountStore` does. */
export interface DeviceGrantStore {
  /** Adds a pending grant that nobody has polled. Needs a fresh `codeHash`; false when the user code is taken. */
  createGrant(grant: Omit<DeviceGrant, 'state' | 'userId' | 'polledAt'>): Promise<boolean>
  grantByCode(codeHash: string): Promise<DeviceGrant | undefined>
  grantByUserCode(userCodeHash: string): Promise<DeviceGrant | undefined>
  /** Approves or refuses a pending grant. Of many callers one gets true; false too when it has expired at `at`. */
  decideGrant(codeHash: string, decision: DeviceDecision): Promise<boolean>
  /** Notes a poll and the interval from now on. Of many callers with the same `lastPolledAt` one gets true. */
  notePoll(
    codeHash: string,
    lastPolledAt: Instant,
    next: { readonly polledAt: Instant; readonly pollIntervalMs: number },
  ): Promise<boolean>
  /**
   * Uses up an approved grant and makes its token, which needs a fresh id and hash. Of many callers one gets true; then
   * its token counts. A call that broke may have used the grant up without a token: whoever asked has to ask anew. There
   * is never a second token, nor one of a grant that was not approved.
   */
  redeemGrant(codeHash: string, token: StoredApiToken, tokenHash: string): Promise<boolean>
  /** Forgets grants expired before `before`, at most `limit`; returns how many. May do so late, or by itself. */
  forgetGrants(before: Instant, limit: number): Promise<number>
}
