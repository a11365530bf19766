import { err, ok, type Instant, type Result, type UserId } from '@quarry/domain'
import type {
  EmailTaken,
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
import type { SqliteEngine } from './sqlite-engine.ts'
import * as rows from './user-rows.ts'

/** What auth keeps, in SQLite: every method is one statement or one transaction. */
export class SqliteUserStore implements UserStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  async createUser({
    userId,
    email,
    passwordHash,
    createdAt,
  }: Pick<User, 'userId' | 'email' | 'passwordHash' | 'createdAt'>): Promise<Result<void, EmailTaken>> {
    const added = await this.#changes(
      `INSERT INTO sign_in_user (id, email, password_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
      userId,
      email,
      passwordHash,
      createdAt,
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

  proposeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#changed('UPDATE sign_in_user SET totp_proposed = ? WHERE id = ?', sealedSecret, userId)
  }

  confirmTotp(userId: UserId, { sealedSecret, step, recoveryCodeHashes }: TotpConfirmation): Promise<boolean> {
    return this.#engine.write((db) => {
      const { changes } = db
        .prepare(
          `UPDATE sign_in_user SET totp_secret = totp_proposed, totp_last_step = ?, totp_proposed = NULL
           WHERE id = ? AND totp_proposed = ?`,
        )
        .run(step, userId, sealedSecret)
      if (changes === 0) return false
      db.prepare('DELETE FROM recovery_code WHERE user_id = ?').run(userId)
      const add = db.prepare('INSERT INTO recovery_code (user_id, hash) VALUES (?, ?)')
      for (const hash of recoveryCodeHashes) add.run(userId, hash)
      return true
    })
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
      `INSERT INTO sign_in_session (user_id, id, token_hash, created_at, refreshed_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      session.userId,
      session.sessionId,
      session.tokenHash,
      session.createdAt,
      session.refreshedAt,
      session.expiresAt,
    )
  }

  session(userId: UserId, sessionId: string): Promise<Session | undefined> {
    return this.#engine.read((db) => {
      const find = db.prepare<rows.SessionRow>('SELECT * FROM sign_in_session WHERE user_id = ? AND id = ?')
      const row = find.get(userId, sessionId)
      return row && rows.sessionOf(row)
    })
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

  signingKeys(): Promise<readonly SigningKey[]> {
    return this.#engine.read((db) =>
      db.prepare<rows.SigningKeyRow>('SELECT * FROM signing_key ORDER BY no').all().map(rows.signingKeyOf),
    )
  }

  addSigningKey(key: SigningKey, newest: string | undefined): Promise<boolean> {
    return this.#changed(
      `INSERT INTO signing_key (kid, sealed_private_key, public_jwk, created_at, signs_from, retired_at)
       SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT kid FROM signing_key ORDER BY no DESC LIMIT 1) IS ?`,
      key.kid,
      key.sealedPrivateKey,
      key.publicJwk,
      key.createdAt,
      key.signsFrom,
      key.retiredAt ?? null,
      newest ?? null,
    )
  }

  async retireSigningKey(kid: string, at: Instant): Promise<void> {
    await this.#changes('UPDATE signing_key SET retired_at = ? WHERE kid = ? AND retired_at IS NULL', at, kid)
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
