import type { Instant } from '@quarry/domain'
import type {
  DeviceDecision,
  DeviceGrant,
  DeviceGrantState,
  DeviceGrantStore,
  StoredApiToken,
} from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'
import type { UserApiTokens } from './user-api-tokens.ts'

interface GrantRow {
  readonly code_hash: string
  readonly user_code_hash: string
  readonly client: string
  readonly device_name: string
  readonly scopes: string
  readonly asked_from: string
  readonly created_at: types.Long | null
  readonly expires_at: types.Long
  readonly poll_interval_ms: types.Long
  readonly polled_at: types.Long
  readonly state: string
  readonly user_id: string | null
}

/** A grant is one row, found by its device code; its user code leads to that. */
export class UserDeviceGrants implements DeviceGrantStore {
  readonly #engine: CassandraEngine
  readonly #tokens: UserApiTokens

  constructor(engine: CassandraEngine, tokens: UserApiTokens) {
    this.#engine = engine
    this.#tokens = tokens
  }

  /** The row first, which only the device could find, and it does not know its code yet. */
  async createGrant(grant: Omit<DeviceGrant, 'state' | 'userId' | 'polledAt'>): Promise<boolean> {
    const added = await this.#decide(
      `INSERT INTO device_grant (code_hash, user_code_hash, client, device_name, scopes, asked_from, created_at,
         expires_at, poll_interval_ms, polled_at, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'pending') IF NOT EXISTS`,
      grant.codeHash,
      grant.userCodeHash,
      grant.client,
      grant.deviceName,
      grant.scopes.join(' '),
      grant.askedFrom,
      grant.createdAt,
      grant.expiresAt,
      grant.pollIntervalMs,
    )
    if (!added) throw new Error('The device code is not a fresh one')
    return this.#decide(
      'INSERT INTO device_user_code (user_code_hash, code_hash) VALUES (?, ?) IF NOT EXISTS',
      grant.userCodeHash,
      grant.codeHash,
    )
  }

  async grantByCode(codeHash: string): Promise<DeviceGrant | undefined> {
    const [row] = await this.#engine.readSerial<GrantRow>(
      `SELECT code_hash, user_code_hash, client, device_name, scopes, asked_from, created_at, expires_at,
         poll_interval_ms, polled_at, state, user_id
       FROM device_grant WHERE code_hash = ?`,
      codeHash,
    )
    return row && grantOf(row)
  }

  async grantByUserCode(userCodeHash: string): Promise<DeviceGrant | undefined> {
    const [row] = await this.#engine.readSerial<{ code_hash: string }>(
      'SELECT code_hash FROM device_user_code WHERE user_code_hash = ?',
      userCodeHash,
    )
    return row && this.grantByCode(row.code_hash)
  }

  /** The index first: whoever is named in a grant can be forgotten with it. */
  async decideGrant(codeHash: string, { state, userId, at }: DeviceDecision): Promise<boolean> {
    await this.#decide(
      'INSERT INTO device_grant_by_user (user_id, code_hash) VALUES (?, ?) IF NOT EXISTS',
      userId,
      codeHash,
    )
    return this.#decide(
      `UPDATE device_grant SET state = ?, user_id = ? WHERE code_hash = ? IF state = 'pending' AND expires_at > ?`,
      state,
      userId,
      codeHash,
      at,
    )
  }

  notePoll(
    codeHash: string,
    lastPolledAt: Instant,
    next: { readonly polledAt: Instant; readonly pollIntervalMs: number },
  ): Promise<boolean> {
    return this.#decide(
      'UPDATE device_grant SET polled_at = ?, poll_interval_ms = ? WHERE code_hash = ? IF polled_at = ?',
      next.polledAt,
      next.pollIntervalMs,
      codeHash,
      lastPolledAt,
    )
  }

  /** Used up first, so that no later call can make a second token, nor bring back one that was revoked meanwhile. */
  async redeemGrant(codeHash: string, token: StoredApiToken, tokenHash: string): Promise<boolean> {
    const redeemed = await this.#decide(
      `UPDATE device_grant SET state = 'redeemed' WHERE code_hash = ? IF state = 'approved' AND user_id = ?`,
      codeHash,
      token.userId,
    )
    if (redeemed) await this.#tokens.createApiToken(token, tokenHash)
    return redeemed
  }

  /** Forgets what the user has decided about. Repeating it is safe, also after a crash in the middle. */
  async forgetGrantsOf(userId: string): Promise<void> {
    const rows = await this.#engine.readSerial<{ code_hash: string }>(
      'SELECT code_hash FROM device_grant_by_user WHERE user_id = ?',
      userId,
    )
    for (const { code_hash: codeHash } of rows) {
      const grant = await this.grantByCode(codeHash)
      if (grant?.userId === userId) {
        await this.#decide(
          'DELETE FROM device_user_code WHERE user_code_hash = ? IF code_hash = ?',
          grant.userCodeHash,
          codeHash,
        )
        await this.#decide('DELETE FROM device_grant WHERE code_hash = ? IF user_id = ?', codeHash, userId)
      }
      await this.#decide(
        'DELETE FROM device_grant_by_user WHERE user_id = ? AND code_hash = ? IF EXISTS',
        userId,
        codeHash,
      )
    }
  }

  /** The rows go by themselves. */
  async forgetGrants(): Promise<number> {
    return 0
  }

  async #decide(query: string, ...params: readonly unknown[]): Promise<boolean> {
    return (await this.#engine.decide({ query, params })).applied
  }
}

function grantOf(row: GrantRow): DeviceGrant | undefined {
  if (row.created_at === null) return undefined
  return {
    codeHash: row.code_hash,
    userCodeHash: row.user_code_hash,
    client: row.client,
    deviceName: row.device_name,
    scopes: row.scopes.split(' '),
    askedFrom: row.asked_from,
    createdAt: row.created_at.toNumber(),
    expiresAt: row.expires_at.toNumber(),
    pollIntervalMs: row.poll_interval_ms.toNumber(),
    polledAt: row.polled_at.toNumber(),
    state: row.state as DeviceGrantState,
    ...(row.user_id !== null && { userId: row.user_id }),
  }
}
