import type { Instant, Result, UserId } from '@quarry/domain'
import type { DeviceGrantStore } from './device-grants.ts'
import type { LinkedSignInStore } from './linked-sign-ins.ts'

/** A second factor that counts. `sealedSecret` is encrypted by auth; the store never sees the secret itself. */
export interface TotpFactor {
  readonly sealedSecret: string
  /** The highest time step of which a code was accepted; it and all before it are used up. */
  readonly lastStep: number
}

export interface User {
  readonly userId: UserId
  /** Lower case, unique. */
  readonly email: string
  readonly passwordHash: string
  readonly createdAt: Instant
  /** In which the user is written to; unknown of those who came before it was asked. */
  readonly language?: string
  readonly totp?: TotpFactor
  /** A sealed secret that was proposed and does not count until it is confirmed. */
  readonly proposedTotp?: string
}

export type NewUser = Pick<User, 'userId' | 'email' | 'passwordHash' | 'createdAt' | 'language'>

export interface EmailTaken {
  readonly kind: 'email-taken'
}

/** What makes a proposed second factor count. */
export interface TotpConfirmation {
  /** The proposal as it was read; a newer proposal makes the confirmation fail. */
  readonly sealedSecret: string
  /** The step whose code confirmed it. */
  readonly step: number
  readonly recoveryCodeHashes: readonly string[]
}

/**
 * Users and their factors. Linearizable per user; e-mail addresses are linearizable each for itself. Throws
 * `Unavailable` (nothing done) and `UnknownOutcome` (perhaps done: read before deciding; what a conditional write
 * answered is lost, so a caller that guards a secret must treat it as refused).
 */
export interface AccountStore {
  /**
   * Adds a user and takes the address, or does neither as far as any reader can see. Of many callers with one address
   * one wins, and no other ever changes what it stored. Needs a fresh `userId`.
   */
  createUser(user: NewUser): Promise<Result<void, EmailTaken>>
  userById(userId: UserId): Promise<User | undefined>
  /** `email` in lower case. */
  userByEmail(email: string): Promise<User | undefined>
  /** Replaces the hash if it is still `expected`; false when it is not, or the user is unknown. */
  replacePasswordHash(userId: UserId, expected: string, next: string): Promise<boolean>
  /** False: unknown user. */
  setLanguage(userId: UserId, language: string): Promise<boolean>
  /** Keeps a secret to be confirmed, instead of an earlier proposal; the factor in force stays. False: unknown user. */
  proposeTotp(userId: UserId, sealedSecret: string): Promise<boolean>
  /**
   * Puts the proposal in force with its step used up, in one step with new recovery codes instead of all older ones.
   * Of many callers with the same proposal one gets true; false when it is not, or no longer, the proposal.
   */
  confirmTotp(userId: UserId, confirmation: TotpConfirmation): Promise<boolean>
  /**
   * Uses up `step` and all before it. Of many callers with the same step one gets true, on whichever server; false when
   * the last step is not lower, or `sealedSecret` is no longer the one in force.
   */
  acceptTotpStep(userId: UserId, sealedSecret: string, step: number): Promise<boolean>
  /** Uses up a recovery code for ever. Of many callers with the same code one gets true; false for an unknown one. */
  useRecoveryCode(userId: UserId, codeHash: string): Promise<boolean>
  /** How many recovery codes are still good. */
  recoveryCodesLeft(userId: UserId): Promise<number>
  /** New recovery codes instead of all older ones, if `sealedSecret` is still in force; false when it is not. */
  replaceRecoveryCodes(userId: UserId, sealedSecret: string, codeHashes: readonly string[]): Promise<boolean>
  /**
   * Takes the second factor away, in one step with its recovery codes and whatever was proposed, if `sealedSecret` is still
   * in force; false when it is not.
   */
  removeTotp(userId: UserId, sealedSecret: string): Promise<boolean>
}

/** Guesses at one account's secrets since the last success. A key that nobody has written reads as undefined. */
export interface ThrottleState {
  readonly failures: number
  /** Until then no guess may be evaluated. */
  readonly blockedUntil: Instant
  /** Differs after every write of the key; 0 stands for "never written". */
  readonly version: number
}

export interface ThrottleWrite extends Pick<ThrottleState, 'failures' | 'blockedUntil'> {
  /** When it is written, for `forgetThrottles`. */
  readonly at: Instant
}

/** Counters of guesses, linearizable per key. Throws as `AccountStore` does. */
export interface ThrottleStore {
  throttle(key: string): Promise<ThrottleState | undefined>
  /**
   * Writes the counter with the next version if the version is still `expected` (0: never written). Of many callers with
   * the same version one gets true.
   */
  swapThrottle(key: string, expected: number, next: ThrottleWrite): Promise<boolean>
  /** Forgets counters last written before `before`, at most `limit`; returns how many. May do so late or not at all. */
  forgetThrottles(before: Instant, limit: number): Promise<number>
}

/** A signed-in browser: a family of refresh tokens of which only the newest counts. */
export interface Session {
  readonly userId: UserId
  readonly sessionId: string
  /** SHA-256 of the newest refresh token. */
  readonly tokenHash: string
  readonly createdAt: Instant
  /** When it was last rotated, or created. */
  readonly refreshedAt: Instant
  /** What the browser said it is when it signed in. */
  readonly device?: string
  /** The session is over at this time whatever happens. */
  readonly expiresAt: Instant
}

/** Sessions, linearizable each. A session that has ended is as one that never was. Throws as `AccountStore` does. */
export interface SessionStore {
  /** Needs a fresh `sessionId`. */
  createSession(session: Session): Promise<void>
  session(userId: UserId, sessionId: string): Promise<Session | undefined>
  /** The user's sessions that have not ended, those that expired perhaps among them; newest first. */
  sessionsOf(userId: UserId): Promise<readonly Session[]>
  /**
   * Replaces the session's token if `expected` is still the newest. Of many callers with the same `expected` one gets
   * true; false when another token is the newest, or the session has ended.
   */
  rotateSession(
    userId: UserId,
    sessionId: string,
    change: { readonly expected: string; readonly next: string; readonly at: Instant },
  ): Promise<boolean>
  /** Ends the session at once and for ever; a rotation under way loses. Ending it again changes nothing. */
  endSession(userId: UserId, sessionId: string): Promise<void>
  /** Ends all of the user's sessions that were created before the call, but `except`. Repeating it is safe. */
  endSessionsOf(userId: UserId, except?: string): Promise<void>
  /** Forgets sessions expired before `before`, at most `limit`; returns how many. May do so late or not at all. */
  forgetSessions(before: Instant, limit: number): Promise<number>
}

export interface StoredApiToken {
  readonly userId: UserId
  readonly tokenId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdAt: Instant
  readonly lastUsedAt?: Instant
}

/** API tokens, by the SHA-256 of the token; the token itself is never stored. Throws as `AccountStore` does. */
export interface ApiTokenStore {
  /** Needs a fresh `tokenId` and hash. The token counts once the promise has resolved. */
  createApiToken(token: StoredApiToken, tokenHash: string): Promise<void>
  /** The token of this hash while it counts; sees every confirmed revocation. */
  apiTokenByHash(tokenHash: string): Promise<StoredApiToken | undefined>
  /** The user's tokens that count, newest first. */
  apiTokensOf(userId: UserId): Promise<readonly StoredApiToken[]>
  /** The token stops counting at once and for ever. False when the user has no such token. */
  revokeApiToken(userId: UserId, tokenId: string): Promise<boolean>
  /** Notes a use; never moves back, never revives a revoked token. May be lost in a crash. */
  noteApiTokenUse(userId: UserId, tokenId: string, at: Instant): Promise<void>
}

/** A key pair that signs access tokens. The private half is sealed by auth. */
export interface SigningKey {
  readonly kid: string
  readonly sealedPrivateKey: string
  /** The public half as a JWK in JSON, as it is published. */
  readonly publicJwk: string
  readonly createdAt: Instant
  /** From then on it signs, until the next key does; it is published from the start. */
  readonly signsFrom: Instant
  /** From then on it is no longer published. */
  readonly retiredAt?: Instant
}

/** A chain of keys, linearizable as a whole. Throws as `AccountStore` does. */
export interface SigningKeyStore {
  /** All keys, oldest first. */
  signingKeys(): Promise<readonly SigningKey[]>
  /** Adds a key after `newest` (undefined: as the first). Of many callers with the same `newest` one gets true. */
  addSigningKey(key: SigningKey, newest: string | undefined): Promise<boolean>
  /** Sets when the key leaves; the first time set stays. Of an unknown key: changes nothing. */
  retireSigningKey(kid: string, at: Instant): Promise<void>
}

/** A link to a new password, as it was mailed. It never changes. */
export interface PasswordReset {
  /** SHA-256 of the token in the link; the token itself is never stored. */
  readonly tokenHash: string
  readonly userId: UserId
  /** Stands for the password hash that was in force. The link is worth nothing for any other, so it works once. */
  readonly passwordMark: string
  readonly expiresAt: Instant
}

/** Links to a new password. Throws as `AccountStore` does. */
export interface PasswordResetStore {
  /** Needs a fresh `tokenHash`. */
  createPasswordReset(reset: PasswordReset): Promise<void>
  /** The link of this hash, expired or not; undefined when there is none, or it was forgotten. */
  passwordReset(tokenHash: string): Promise<PasswordReset | undefined>
  /** Forgets links expired before `before`, at most `limit`; returns how many. May do so late or not at all. */
  forgetPasswordResets(before: Instant, limit: number): Promise<number>
}

/** What auth keeps. Nothing in it is a secret in the clear: hashes and sealed values only. */
export interface UserStore
  extends AccountStore, ThrottleStore, SessionStore, ApiTokenStore, PasswordResetStore, SigningKeyStore {
  readonly deviceGrants: DeviceGrantStore
  readonly linkedSignIns: LinkedSignInStore
}
