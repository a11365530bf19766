import { err, ok, type Instant, type Result, type UserId } from '@quarry/domain'
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
import type { SQLInputValue } from 'node:sqlite'
import { SqliteDeviceGrants } from './sqlite-device-grants.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import { SqliteSigningKeys } from './sqlite-signing-keys.ts'
import { SqliteLinkedSignIns } from './sqlite-linked-sign-ins.ts'
import * as rows from './user-rows.ts'
import * as factor from './user-second-factor.ts'

/** What auth keeps, in SQLite: every method is one statement or one transaction. */
export class SqliteUserStore implements UserStore {
  readonly deviceGrants: SqliteDeviceGrants
  readonly linkedSignIns: SqliteLinkedSignIns
  readonly #engine: SqliteEngine
  readonly #keys: SqliteSigningKeys

  constructor(engine: SqliteEngine) {
    this.#engine = engine
    this.#keys = new SqliteSigningKeys(engine)
    this.deviceGrants = new SqliteDeviceGrants(engine)
    this.linkedSignIns = new SqliteLinkedSignIns(engine)
  }

  async createUser(user: NewUser): Promise<Result<void, EmailTaken>> {
    const added = await this.#changes(
      `INSERT INTO sign_in_user (id, email, password_hash, created_at, language) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (email) DO NOTHING`,
      user.userId,
      user.email,
      user.passwordHash,
      user.createdAt,
      user.language ?? null,
    )
    return added === 1 ? ok(undefined) : err({ kind: 'email-taken' })
  }

  userById(userId: UserId): Promise<User | undefined> {
    return this.#user('SELECT * FROM sign_in_user WHERE id = ?', userId)
  }

  userByEmail(email: string): Promise<User | undefined> {
    return this.#user('SELECT * FROM sign_in_user WHERE email = ?', email)
  }

  replacePasswordHash(userId: UserId, expected: string, next: string): Promise<boolean> {
    return this.#changed(
      'UPDATE sign_in_user SET password_hash = ? WHERE id = ? AND password_hash = ?',
      next,
      userId,
      expected,
    )
  }

  setLanguage(userId: UserId, language: string): Promise<boolean> {
    return this.#changed('UPDATE sign_in_user SET language = ? WHERE id = ?', language, userId)
  }

  proposeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#changed('UPDATE sign_in_user SET totp_proposed = ? WHERE id = ?', sealedSecret, userId)
  }

  confirmTotp(userId: UserId, confirmation: TotpConfirmation): Promise<boolean> {
    return this.#engine.write((db) => factor.confirmTotp(db, userId, confirmation))
  }

  replaceRecoveryCodes(userId: UserId, sealedSecret: string, codeHashes: readonly string[]): Promise<boolean> {
    return this.#engine.write((db) => factor.replaceRecoveryCodes(db, userId, { sealedSecret, codeHashes }))
  }

  removeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#engine.write((db) => factor.removeTotp(db, userId, sealedSecret))
  }

  acceptTotpStep(userId: UserId, sealedSecret: string, step: number): Promise<boolean> {
    return this.#changed(
      'UPDATE sign_in_user SET totp_last_step = ? WHERE id = ? AND totp_secret = ? AND totp_last_step < ?',
      step,
      userId,
      sealedSecret,
      step,
    )
  }

  useRecoveryCode(userId: UserId, codeHash: string): Promise<boolean> {
    return this.#changed('DELETE FROM recovery_code WHERE user_id = ? AND hash = ?', userId, codeHash)
  }

  recoveryCodesLeft(userId: UserId): Promise<number> {
    return this.#engine.read((db) => factor.recoveryCodesLeft(db, userId))
  }

  throttle(key: string): Promise<ThrottleState | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<rows.ThrottleRow>('SELECT * FROM sign_in_throttle WHERE key = ?').get(key)
      return row && rows.throttleOf(row)
    })
  }

  swapThrottle(key: string, expected: number, next: ThrottleWrite): Promise<boolean> {
    if (expected === 0) {
      return this.#changed(
        `INSERT INTO sign_in_throttle (key, failures, blocked_until, version, written_at) VALUES (?, ?, ?, 1, ?)
         ON CONFLICT (key) DO NOTHING`,
        key,
        next.failures,
        next.blockedUntil,
        next.at,
      )
    }
    return this.#changed(
      `UPDATE sign_in_throttle SET failures = ?, blocked_until = ?, version = version + 1, written_at = ?
       WHERE key = ? AND version = ?`,
      next.failures,
      next.blockedUntil,
      next.at,
      key,
      expected,
    )
  }

  forgetThrottles(before: Instant, limit: number): Promise<number> {
    return this.#changes(
      `DELETE FROM sign_in_throttle WHERE key IN
       (SELECT key FROM sign_in_throttle WHERE written_at < ? ORDER BY written_at LIMIT ?)`,
      before,
      limit,
    )
  }

  async createSession(session: Session): Promise<void> {
    await this.#changes(
      `INSERT INTO sign_in_session (user_id, id, token_hash, created_at, refreshed_at, expires_at, device)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      session.userId,
      session.sessionId,
      session.tokenHash,
      session.createdAt,
      session.refreshedAt,
      session.expiresAt,
      session.device ?? null,
    )
  }

  session(userId: UserId, sessionId: string): Promise<Session | undefined> {
    return this.#engine.read((db) => {
      const find = db.prepare<rows.SessionRow>('SELECT * FROM sign_in_session WHERE user_id = ? AND id = ?')
      const row = find.get(userId, sessionId)
      return row && rows.sessionOf(row)
    })
  }

  sessionsOf(userId: UserId): Promise<readonly Session[]> {
    return this.#engine.read((db) =>
      db
        .prepare<rows.SessionRow>('SELECT * FROM sign_in_session WHERE user_id = ? ORDER BY created_at DESC, id')
        .all(userId)
        .map(rows.sessionOf),
    )
  }

  rotateSession(
    userId: UserId,
    sessionId: string,
    { expected, next, at }: { readonly expected: string; readonly next: string; readonly at: Instant },
  ): Promise<boolean> {
    return this.#changed(
      `UPDATE sign_in_session SET token_hash = ?, refreshed_at = ? WHERE user_id = ? AND id = ? AND token_hash = ?`,
      next,
      at,
      userId,
      sessionId,
      expected,
    )
  }

  async endSession(userId: UserId, sessionId: string): Promise<void> {
    await this.#changes('DELETE FROM sign_in_session WHERE user_id = ? AND id = ?', userId, sessionId)
  }

  async endSessionsOf(userId: UserId, except?: string): Promise<void> {
    await this.#changes('DELETE FROM sign_in_session WHERE user_id = ? AND id IS NOT ?', userId, except ?? null)
  }

  forgetSessions(before: Instant, limit: number): Promise<number> {
    return this.#changes(
      `DELETE FROM sign_in_session WHERE (user_id, id) IN
       (SELECT user_id, id FROM sign_in_session WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
      before,
      limit,
    )
  }

  async createApiToken(token: StoredApiToken, tokenHash: string): Promise<void> {
    await this.#changes(
      `INSERT INTO api_token (user_id, id, hash, name, scopes, created_at, last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      token.userId,
      token.tokenId,
      tokenHash,
      token.name,
      token.scopes.join(' '),
      token.createdAt,
      token.lastUsedAt ?? null,
    )
  }

  apiTokenByHash(tokenHash: string): Promise<StoredApiToken | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<rows.ApiTokenRow>('SELECT * FROM api_token WHERE hash = ?').get(tokenHash)
      return row && rows.apiTokenOf(row)
    })
  }

  apiTokensOf(userId: UserId): Promise<readonly StoredApiToken[]> {
    return this.#engine.read((db) =>
      db
        .prepare<rows.ApiTokenRow>('SELECT * FROM api_token WHERE user_id = ? ORDER BY created_at DESC, id')
        .all(userId)
        .map(rows.apiTokenOf),
    )
  }

  revokeApiToken(userId: UserId, tokenId: string): Promise<boolean> {
    return this.#changed('DELETE FROM api_token WHERE user_id = ? AND id = ?', userId, tokenId)
  }

  async noteApiTokenUse(userId: UserId, tokenId: string, at: Instant): Promise<void> {
    await this.#changes(
      'UPDATE api_token SET last_used_at = max(ifnull(last_used_at, 0), ?) WHERE user_id = ? AND id = ?',
      at,
      userId,
      tokenId,
    )
  }

  async createPasswordReset({ tokenHash, userId, passwordMark, expiresAt }: PasswordReset): Promise<void> {
    await this.#changes(
      'INSERT INTO password_reset (token_hash, user_id, mark, expires_at) VALUES (?, ?, ?, ?)',
      tokenHash,
      userId,
      passwordMark,
      expiresAt,
    )
  }

  passwordReset(tokenHash: string): Promise<PasswordReset | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<rows.PasswordResetRow>('SELECT * FROM password_reset WHERE token_hash = ?').get(tokenHash)
      return row && rows.passwordResetOf(row)
    })
  }

  forgetPasswordResets(before: Instant, limit: number): Promise<number> {
    return this.#changes(
      `DELETE FROM password_reset WHERE token_hash IN
       (SELECT token_hash FROM password_reset WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
      before,
      limit,
    )
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

  #user(sql: string, key: string): Promise<User | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<rows.UserRow>(sql).get(key)
      return row && rows.userOf(row)
    })
  }

  #changes(sql: string, ...values: SQLInputValue[]): Promise<number> {
    return this.#engine.write((db) => db.prepare(sql).run(...values).changes)
  }

  async #changed(sql: string, ...values: SQLInputValue[]): Promise<boolean> {
    return (await this.#changes(sql, ...values)) > 0
  }
}
