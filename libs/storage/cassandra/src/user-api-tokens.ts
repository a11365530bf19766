import type { Instant, UserId } from '@quarry/domain'
import type { ApiTokenStore, StoredApiToken } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface ApiTokenRow {
  readonly user_id: string
  readonly token_id: string
  readonly name: string
  readonly scopes: string
  readonly created_at: types.Long
  readonly last_used_at: types.Long
}

const NEVER_USED = -1

/** API tokens by hash, which is where they count, with an index by user. */
export class UserApiTokens implements ApiTokenStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async createApiToken(token: StoredApiToken, tokenHash: string): Promise<void> {
    await this.#engine.write(
      'INSERT INTO api_token_by_user (user_id, token_id, token_hash) VALUES (?, ?, ?)',
      token.userId,
      token.tokenId,
      tokenHash,
    )
    const { applied } = await this.#engine.decide({
      query: `INSERT INTO api_token (token_hash, user_id, token_id, name, scopes, created_at, last_used_at)
              VALUES (?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS`,
      params: [
        tokenHash,
        token.userId,
        token.tokenId,
        token.name,
        token.scopes.join(' '),
        token.createdAt,
        token.lastUsedAt ?? NEVER_USED,
      ],
    })
    if (!applied) throw new Error(`The hash of the token ${token.tokenId} is not a fresh one`)
  }

  async apiTokenByHash(tokenHash: string): Promise<StoredApiToken | undefined> {
    const [row] = await this.#engine.readSerial<ApiTokenRow>(
      'SELECT user_id, token_id, name, scopes, created_at, last_used_at FROM api_token WHERE token_hash = ?',
      tokenHash,
    )
    return row && apiTokenOf(row)
  }

  async apiTokensOf(userId: UserId): Promise<readonly StoredApiToken[]> {
    const rows = await this.#engine.read<{ token_hash: string }>(
      'SELECT token_hash FROM api_token_by_user WHERE user_id = ?',
      userId,
    )
    const tokens = await Promise.all(rows.map((row) => this.apiTokenByHash(row.token_hash)))
    return tokens
      .filter((token) => token !== undefined)
      .sort((a, b) => b.createdAt - a.createdAt || (a.tokenId < b.tokenId ? -1 : 1))
  }

  async revokeApiToken(userId: UserId, tokenId: string): Promise<boolean> {
    const tokenHash = await this.#hashOf(userId, tokenId)
    if (tokenHash === undefined) return false
    const { applied } = await this.#engine.decide({
      query: 'DELETE FROM api_token WHERE token_hash = ? IF EXISTS',
      params: [tokenHash],
    })
    await this.#engine.write('DELETE FROM api_token_by_user WHERE user_id = ? AND token_id = ?', userId, tokenId)
    return applied
  }

  async noteApiTokenUse(userId: UserId, tokenId: string, at: Instant): Promise<void> {
    const tokenHash = await this.#hashOf(userId, tokenId)
    if (tokenHash === undefined) return
    await this.#engine.decide({
      query: 'UPDATE api_token SET last_used_at = ? WHERE token_hash = ? IF last_used_at < ?',
      params: [at, tokenHash, at],
    })
  }

  async #hashOf(userId: UserId, tokenId: string): Promise<string | undefined> {
    const [row] = await this.#engine.read<{ token_hash: string }>(
      'SELECT token_hash FROM api_token_by_user WHERE user_id = ? AND token_id = ?',
      userId,
      tokenId,
    )
    return row?.token_hash
  }
}

function apiTokenOf(row: ApiTokenRow): StoredApiToken {
  const lastUsedAt = row.last_used_at.toNumber()
  return {
    userId: row.user_id,
    tokenId: row.token_id,
    name: row.name,
    scopes: row.scopes.split(' '),
    createdAt: row.created_at.toNumber(),
    ...(lastUsedAt !== NEVER_USED && { lastUsedAt }),
  }
}
