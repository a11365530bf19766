import type { Instant, UserId } from '@quarry/domain'
import type { Page } from './order-store.ts'

/** `disabled`: an operator shut the account, and may open it again. `deleting`: its owner wants it gone; final. */
export type AccountState = 'open' | 'disabled' | 'deleting'

/** What operators have said of an account. Nothing said reads as no administrator, `open`. */
export interface AccountStanding {
  readonly admin: boolean
  readonly state: AccountState
}

/** Linearizable per user; survives the user, so that an id that was closed stays so. Throws as `AccountStore` does. */
export interface AccountStandings {
  standing(userId: UserId): Promise<AccountStanding>
  setAdmin(userId: UserId, admin: boolean): Promise<void>
  /** Of an account that is `deleting` nothing changes any more: false. Setting what is so already is true. */
  setAccountState(userId: UserId, state: AccountState): Promise<boolean>
}

/** An account as a list shows it. */
export interface ListedAccount {
  readonly userId: UserId
  readonly email: string
}

/** The users by their address. Throws as `AccountStore` does. */
export interface AccountDirectory {
  /** Accounts whose address begins with `prefix` (lower case), by address. `limit` is 1 to 200. */
  accounts(page: { prefix: string; after?: string; limit: number }): Promise<Page<ListedAccount>>
  /**
   * Forgets the user, the address, both factors, every session and API token, every device that the user decided about,
   * and every linked sign-in. Address and sign-ins may be taken anew at once, by whomever. Repeating it is safe, also after a crash in the middle; of an unknown user it does nothing.
   */
  eraseUser(userId: UserId): Promise<void>
}

/** One act of an operator, or of the system in an operator's name. */
export interface AuditEntry {
  readonly entryId: string
  readonly at: Instant
  readonly actorId: UserId
  /** What was done, such as `account.disable`. */
  readonly action: string
  /** To whom or what: a user id, a pattern; never an e-mail address. */
  readonly subject: string
  readonly reason: string
  readonly requestId: string
  readonly details: Readonly<Record<string, string | number>>
}

/** Entries are added and read; nothing changes or removes one. Throws as `AccountStore` does. */
export interface AuditLog {
  /** Durable when the promise resolves. Of the same `entryId` and `at` again: nothing changes. */
  appendAudit(entry: AuditEntry): Promise<void>
  /** Newest first. `limit` is 1 to 200. */
  auditEntries(page: { after?: string; limit: number }): Promise<Page<AuditEntry>>
}

/** A pattern of `parseDenyPattern`: no job goes to what it names. */
export interface DenyRule {
  readonly pattern: string
  readonly reason: string
  readonly by: UserId
  readonly at: Instant
}

/** A short list, always read as a whole. Reads see every confirmed write. Throws as `AccountStore` does. */
export interface DenyList {
  /** By pattern. */
  denyRules(): Promise<readonly DenyRule[]>
  /** Adds a rule, or replaces the one of the same pattern. */
  putDenyRule(rule: DenyRule): Promise<void>
  removeDenyRule(pattern: string): Promise<void>
}

/** How far a deletion has come; each step may be repeated. */
export const deletionSteps = ['requested', 'closed', 'cancelled', 'settled', 'erased', 'done'] as const
export type DeletionStep = (typeof deletionSteps)[number]

/** The wish to delete an account, on its way. No personal data in it. */
export interface AccountDeletion {
  readonly userId: UserId
  readonly requestedAt: Instant
  readonly step: DeletionStep
  /** Amounts of the transfers to the house, in order, each written down before it is made. */
  readonly forfeits: readonly number[]
  /** Rises with every change. */
  readonly version: number
}

/** Deletions under way, linearizable each. Throws as `AccountStore` does. */
export interface AccountDeletions {
  /** Begins a deletion at `requested`; of one that was begun before: returns where it stands. */
  beginDeletion(userId: UserId, at: Instant): Promise<AccountDeletion>
  deletion(userId: UserId): Promise<AccountDeletion | undefined>
  /** Writes `next` if the version is still `expected`. Of many callers with the same one wins; the others get false. */
  advanceDeletion(userId: UserId, expected: number, next: Pick<AccountDeletion, 'step' | 'forfeits'>): Promise<boolean>
  /** Deletions that are not `done`, at most `limit`. */
  openDeletions(limit: number): Promise<readonly AccountDeletion[]>
}

/** What operators decide and what they have done. */
export interface OperatorStore extends AccountStandings, AccountDirectory, AuditLog, DenyList, AccountDeletions {}
