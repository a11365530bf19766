import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, EmailTaken, NewUser, TotpConfirmation, User } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import { AccountIndex } from './account-index.ts'
import type { CassandraEngine } from './cassandra-engine.ts'

interface UserRow {
  readonly user_id: string
  readonly email: string
  readonly password_hash: string
  readonly created_at: types.Long
  readonly language: string | null
  readonly totp_secret: string | null
  readonly totp_last_step: types.Long | null
  readonly totp_proposed: string | null
}

/** A user and all that belongs to the second factor is one row: every change is one condition on it. */
export class UserAccounts implements AccountStore {
  readonly #engine: CassandraEngine
  readonly #index: AccountIndex

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#index = new AccountIndex(engine)
  }

  /** The row first, which nobody sees; taking the address makes it a user. */
  async createUser(user: NewUser): Promise<Result<void, EmailTaken>> {
    const { userId, email, passwordHash, createdAt, language = null } = user
    if ((await this.#ownerOf(email)) !== undefined) return err({ kind: 'email-taken' })
    await this.#index.add(email, userId)
    const added = await this.#decide(
      `INSERT INTO sign_in_user (user_id, email, password_hash, created_at, language) VALUES (?, ?, ?, ?, ?)
       IF NOT EXISTS`,
      userId,
      email,
      passwordHash,
      createdAt,
      language,
    )
    if (!added) throw new Error(`The user id ${userId} is not a fresh one`)
    const taken = await this.#decide(
      'INSERT INTO sign_in_email (email, user_id) VALUES (?, ?) IF NOT EXISTS',
      email,
      userId,
    )
    if (taken) return ok(undefined)
    await this.#decide('DELETE FROM sign_in_user WHERE user_id = ? IF EXISTS', userId)
    await this.#index.remove(email, userId)
    return err({ kind: 'email-taken' })
  }

  async userById(userId: UserId): Promise<User | undefined> {
    const user = await this.#row(userId)
    return user !== undefined && (await this.#ownerOf(user.email)) === userId ? user : undefined
  }

  async userByEmail(email: string): Promise<User | undefined> {
    const userId = await this.#ownerOf(email)
    return userId === undefined ? undefined : this.#row(userId)
  }

  replacePasswordHash(userId: UserId, expected: string, next: string): Promise<boolean> {
    return this.#decide(
      'UPDATE sign_in_user SET password_hash = ? WHERE user_id = ? IF password_hash = ?',
      next,
      userId,
      expected,
    )
  }

  setLanguage(userId: UserId, language: string): Promise<boolean> {
    return this.#decide('UPDATE sign_in_user SET language = ? WHERE user_id = ? IF EXISTS', language, userId)
  }

  proposeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#decide('UPDATE sign_in_user SET totp_proposed = ? WHERE user_id = ? IF EXISTS', sealedSecret, userId)
  }

  confirmTotp(userId: UserId, { sealedSecret, step, recoveryCodeHashes }: TotpConfirmation): Promise<boolean> {
    return this.#decide(
      `UPDATE sign_in_user SET totp_secret = ?, totp_last_step = ?, totp_proposed = null, recovery_codes = ?
       WHERE user_id = ? IF totp_proposed = ?`,
      sealedSecret,
      step,
      Object.fromEntries(recoveryCodeHashes.map((hash) => [hash, true])),
      userId,
      sealedSecret,
    )
  }

  acceptTotpStep(userId: UserId, sealedSecret: string, step: number): Promise<boolean> {
    return this.#decide(
      'UPDATE sign_in_user SET totp_last_step = ? WHERE user_id = ? IF totp_secret = ? AND totp_last_step < ?',
      step,
      userId,
      sealedSecret,
      step,
    )
  }

  useRecoveryCode(userId: UserId, codeHash: string): Promise<boolean> {
    return this.#decide(
      'DELETE recovery_codes[?] FROM sign_in_user WHERE user_id = ? IF recovery_codes[?] = true',
      codeHash,
      userId,
      codeHash,
    )
  }

  async recoveryCodesLeft(userId: UserId): Promise<number> {
    const [row] = await this.#engine.readSerial<{ recovery_codes: Readonly<Record<string, boolean>> | null }>(
      'SELECT recovery_codes FROM sign_in_user WHERE user_id = ?',
      userId,
    )
    return Object.keys(row?.recovery_codes ?? {}).length
  }

  replaceRecoveryCodes(userId: UserId, sealedSecret: string, codeHashes: readonly string[]): Promise<boolean> {
    return this.#decide(
      'UPDATE sign_in_user SET recovery_codes = ? WHERE user_id = ? IF totp_secret = ?',
      Object.fromEntries(codeHashes.map((hash) => [hash, true])),
      userId,
      sealedSecret,
    )
  }

  removeTotp(userId: UserId, sealedSecret: string): Promise<boolean> {
    return this.#decide(
      `UPDATE sign_in_user SET totp_secret = null, totp_last_step = null, totp_proposed = null, recovery_codes = null
       WHERE user_id = ? IF totp_secret = ?`,
      userId,
      sealedSecret,
    )
  }

  async #ownerOf(email: string): Promise<UserId | undefined> {
    const [row] = await this.#engine.readSerial<{ user_id: string }>(
      'SELECT user_id FROM sign_in_email WHERE email = ?',
      email,
    )
    return row?.user_id
  }

  async #row(userId: UserId): Promise<User | undefined> {
    const [row] = await this.#engine.readSerial<UserRow>(
      `SELECT user_id, email, password_hash, created_at, language, totp_secret, totp_last_step, totp_proposed
       FROM sign_in_user WHERE user_id = ?`,
      userId,
    )
    return row && userOf(row)
  }

  async #decide(query: string, ...params: readonly unknown[]): Promise<boolean> {
    return (await this.#engine.decide({ query, params })).applied
  }
}

function userOf(row: UserRow): User {
  return {
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    createdAt: row.created_at.toNumber(),
    ...(row.language !== null && { language: row.language }),
    ...(row.totp_secret !== null && {
      totp: { sealedSecret: row.totp_secret, lastStep: row.totp_last_step?.toNumber() ?? 0 },
    }),
    ...(row.totp_proposed !== null && { proposedTotp: row.totp_proposed }),
  }
}
