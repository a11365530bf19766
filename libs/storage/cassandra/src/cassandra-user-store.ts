import type { Instant, Result, UserId } from '@quarry/domain'
import type {
  EmailTaken,
  NewUser,
  PasswordReset,
  Session,
  SigningKey,
  StoredApiToken,
  ThrottleState,
  ThrottleWrite,
  TotpConfirmation,
  User,
  UserStore,
} from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { UserAccounts } from './user-accounts.ts'
import { UserApiTokens } from './user-api-tokens.ts'
import { UserPasswordResets } from './user-password-resets.ts'
import { UserDeviceGrants } from './user-device-grants.ts'
import { UserLinkedSignIns } from './user-linked-sign-ins.ts'
import { UserSessions } from './user-sessions.ts'
import { UserSigningKeys } from './user-signing-keys.ts'
import { UserThrottles } from './user-throttles.ts'

/**
 * What auth keeps, in Cassandra. What counts is decided by one condition on one partition and read serially; a step that
 * touches several is ordered so that what a crash leaves behind is seen by nobody.
 */
export class CassandraUserStore implements UserStore {
  readonly deviceGrants: UserDeviceGrants
  readonly linkedSignIns: UserLinkedSignIns
  readonly #accounts: UserAccounts
  readonly #throttles: UserThrottles
  readonly #sessions: UserSessions
  readonly #tokens: UserApiTokens
  readonly #resets: UserPasswordResets
  readonly #keys: UserSigningKeys

  constructor(engine: CassandraEngine) {
    this.#accounts = new UserAccounts(engine)
    this.#throttles = new UserThrottles(engine)
    this.#sessions = new UserSessions(engine)
    this.#tokens = new UserApiTokens(engine)
    this.#resets = new UserPasswordResets(engine)
    this.#keys = new UserSigningKeys(engine)
    this.deviceGrants = new UserDeviceGrants(engine, this.#tokens)
    this.linkedSignIns = new UserLinkedSignIns(engine)
  }

  createUser(user: NewUser): Promise<Result<void, EmailTaken>> {
    return this.#accounts.createUser(user)
  }

  userById(userId: UserId): Promise<User | undefined> {
    return this.#accounts.userById(userId)
  }

  userByEmail(email: string): Promise<User | undefined> {
    return this.#accounts.userByEmail(email)
  }

  replacePasswordHash(userId: UserId, expected: string, next: string): Promise<boolean> {
    return this.#accounts.replacePasswordHash(userId, expected, next)
  }

  setLanguage(userId: UserId, language: string): Promise<boolean> {
    return this.#accounts.setLanguage(userId, language)
  }

  proposeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#accounts.proposeTotp(userId, sealedSecret)
  }

  confirmTotp(userId: UserId, confirmation: TotpConfirmation): Promise<boolean> {
    return this.#accounts.confirmTotp(userId, confirmation)
  }

  acceptTotpStep(userId: UserId, sealedSecret: string, step: number): Promise<boolean> {
    return this.#accounts.acceptTotpStep(userId, sealedSecret, step)
  }

  useRecoveryCode(userId: UserId, codeHash: string): Promise<boolean> {
    return this.#accounts.useRecoveryCode(userId, codeHash)
  }

  recoveryCodesLeft(userId: UserId): Promise<number> {
    return this.#accounts.recoveryCodesLeft(userId)
  }

  replaceRecoveryCodes(userId: UserId, sealedSecret: string, codeHashes: readonly string[]): Promise<boolean> {
    return this.#accounts.replaceRecoveryCodes(userId, sealedSecret, codeHashes)
  }

  removeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#accounts.removeTotp(userId, sealedSecret)
  }

  throttle(key: string): Promise<ThrottleState | undefined> {
    return this.#throttles.throttle(key)
  }

  swapThrottle(key: string, expected: number, next: ThrottleWrite): Promise<boolean> {
    return this.#throttles.swapThrottle(key, expected, next)
  }

  forgetThrottles(before: Instant, limit: number): Promise<number> {
    return this.#throttles.forgetThrottles(before, limit)
  }

  createSession(session: Session): Promise<void> {
    return this.#sessions.createSession(session)
  }

  session(userId: UserId, sessionId: string): Promise<Session | undefined> {
    return this.#sessions.session(userId, sessionId)
  }

  sessionsOf(userId: UserId): Promise<readonly Session[]> {
    return this.#sessions.sessionsOf(userId)
  }

  rotateSession(
    userId: UserId,
    sessionId: string,
    change: { readonly expected: string; readonly next: string; readonly at: Instant },
  ): Promise<boolean> {
    return this.#sessions.rotateSession(userId, sessionId, change)
  }

  endSession(userId: UserId, sessionId: string): Promise<void> {
    return this.#sessions.endSession(userId, sessionId)
  }

  endSessionsOf(userId: UserId, except?: string): Promise<void> {
    return this.#sessions.endSessionsOf(userId, except)
  }

  forgetSessions(before: Instant, limit: number): Promise<number> {
    return this.#sessions.forgetSessions(before, limit)
  }

  createApiToken(token: StoredApiToken, tokenHash: string): Promise<void> {
    return this.#tokens.createApiToken(token, tokenHash)
  }

  apiTokenByHash(tokenHash: string): Promise<StoredApiToken | undefined> {
    return this.#tokens.apiTokenByHash(tokenHash)
  }

  apiTokensOf(userId: UserId): Promise<readonly StoredApiToken[]> {
    return this.#tokens.apiTokensOf(userId)
  }

  revokeApiToken(userId: UserId, tokenId: string): Promise<boolean> {
    return this.#tokens.revokeApiToken(userId, tokenId)
  }

  noteApiTokenUse(userId: UserId, tokenId: string, at: Instant): Promise<void> {
    return this.#tokens.noteApiTokenUse(userId, tokenId, at)
  }

  createPasswordReset(reset: PasswordReset): Promise<void> {
    return this.#resets.createPasswordReset(reset)
  }

  passwordReset(tokenHash: string): Promise<PasswordReset | undefined> {
    return this.#resets.passwordReset(tokenHash)
  }

  forgetPasswordResets(): Promise<number> {
    return this.#resets.forgetPasswordResets()
  }

  signingKeys(): Promise<readonly SigningKey[]> {
    return this.#keys.signingKeys()
  }

  addSigningKey(key: SigningKey, newest: string | undefined): Promise<boolean> {
    return this.#keys.addSigningKey(key, newest)
  }

  retireSigningKey(kid: string, at: Instant): Promise<void> {
    return this.#keys.retireSigningKey(kid, at)
  }
}
