import type { Instant } from '@quarry/domain'
import type {
  DeviceDecision,
  DeviceGrant,
  DeviceGrantState,
  DeviceGrantStore,
  StoredApiToken,
} from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

interface GrantRow {
  code_hash: string
  user_code_hash: string
  client: string
  device_name: string
  scopes: string
  asked_from: string
  created_at: number
  expires_at: number
  poll_interval_ms: number
  polled_at: number
  state: string
  user_id: string | null
}

/** Devices that wait for approval, in SQLite: every method is one statement or one transaction. */
export class SqliteDeviceGrants implements DeviceGrantStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  createGrant(grant: Omit<DeviceGrant, 'state' | 'userId' | 'polledAt'>): Promise<boolean> {
    return this.#changed(
      `INSERT INTO device_grant (code_hash, user_code_hash, client, device_name, scopes, asked_from, created_at,
         expires_at, poll_interval_ms, polled_at, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'pending') ON CONFLICT (user_code_hash) DO NOTHING`,
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
  }

  grantByCode(codeHash: string): Promise<DeviceGrant | undefined> {
    return this.#grant('SELECT * FROM device_grant WHERE code_hash = ?', codeHash)
  }

  grantByUserCode(userCodeHash: string): Promise<DeviceGrant | undefined> {
    return this.#grant('SELECT * FROM device_grant WHERE user_code_hash = ?', userCodeHash)
  }

  decideGrant(codeHash: string, { state, userId, at }: DeviceDecision): Promise<boolean> {
    return this.#changed(
      `UPDATE device_grant SET state = ?, user_id = ? WHERE code_hash = ? AND state = 'pending' AND expires_at > ?`,
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
    return this.#changed(
      'UPDATE device_grant SET polled_at = ?, poll_interval_ms = ? WHERE code_hash = ? AND polled_at = ?',
      next.polledAt,
      next.pollIntervalMs,
      codeHash,
      lastPolledAt,
    )
  }

  redeemGrant(codeHash: string, token: StoredApiToken, tokenHash: string): Promise<boolean> {
    return this.#engine.write((db) => {
      const { changes } = db
        .prepare(
          `UPDATE device_grant SET state = 'redeemed' WHERE code_hash = ? AND state = 'approved' AND user_id = ?`,
        )
        .run(codeHash, token.userId)
      if (changes === 0) return false
      db.prepare('INSERT INTO api_token (user_id, id, hash, name, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?)').run(
        token.userId,
        token.tokenId,
        tokenHash,
        token.name,
        token.scopes.join(' '),
        token.createdAt,
      )
      return true
    })
  }

  forgetGrants(before: Instant, limit: number): Promise<number> {
    return this.#engine.write(
      (db) =>
        db
          .prepare(
            `DELETE FROM device_grant WHERE code_hash IN
             (SELECT code_hash FROM device_grant WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
          )
          .run(before, limit).changes,
    )
  }

  #grant(sql: string, key: string): Promise<DeviceGrant | undefined> {
    return this.#engine.read((db) => {
      const row = db.prepare<GrantRow>(sql).get(key)
      return row && grantOf(row)
    })
  }

  #changed(sql: string, ...values: (string | number)[]): Promise<boolean> {
    return this.#engine.write((db) => db.prepare(sql).run(...values).changes > 0)
  }
}

function grantOf(row: GrantRow): DeviceGrant {
  return {
    codeHash: row.code_hash,
    userCodeHash: row.user_code_hash,
    client: row.client,
    deviceName: row.device_name,
    scopes: row.scopes.split(' '),
    askedFrom: row.asked_from,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    pollIntervalMs: row.poll_interval_ms,
    polledAt: row.polled_at,
    state: row.state as DeviceGrantState,
    ...(row.user_id !== null && { userId: row.user_id }),
  }
}
