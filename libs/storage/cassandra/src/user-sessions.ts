import { hash32, type Instant, type UserId } from '@quarry/domain'
import type { Session, SessionStore } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface SessionRow {
  readonly user_id: string
  readonly session_id: string
  readonly token_hash: string
  readonly created_at: types.Long
  readonly refreshed_at: types.Long
  readonly expires_at: types.Long
  readonly device: string | null
}

const SHARDS = 16
const COLUMNS = 'user_id, session_id, token_hash, created_at, refreshed_at, expires_at, device'

/** A user's sessions in one partition, with an index by expiry. */
export class UserSessions implements SessionStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async createSession(session: Session): Promise<void> {
    const { userId, sessionId, tokenHash, createdAt, refreshedAt, expiresAt, device = null } = session
    await this.#engine.write(
      'INSERT INTO sign_in_session_by_expiry (shard, expires_at, user_id, session_id) VALUES (?, ?, ?, ?)',
      hash32(sessionId) % SHARDS,
      expiresAt,
      userId,
      sessionId,
    )
    const { applied } = await this.#engine.decide({
      query: `INSERT INTO sign_in_session
              (user_id, session_id, token_hash, created_at, refreshed_at, expires_at, device)
              VALUES (?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS`,
      params: [userId, sessionId, tokenHash, createdAt, refreshedAt, expiresAt, device],
    })
    if (!applied) throw new Error(`The session id ${sessionId} is not a fresh one`)
  }

  async session(userId: UserId, sessionId: string): Promise<Session | undefined> {
    const [row] = await this.#engine.readSerial<SessionRow>(
      `SELECT ${COLUMNS} FROM sign_in_session WHERE user_id = ? AND session_id = ?`,
      userId,
      sessionId,
    )
    return row && sessionOf(row)
  }

  async sessionsOf(userId: UserId): Promise<readonly Session[]> {
    const rows = await this.#engine.readSerial<SessionRow | { readonly session_id: null }>(
      `SELECT ${COLUMNS} FROM sign_in_session WHERE user_id = ?`,
      userId,
    )
    return (
      rows
        // Without a session there may be a row all the same, of the partition's static column.
        .flatMap((row) => (row.session_id === null ? [] : sessionOf(row)))
        .sort((a, b) => b.createdAt - a.createdAt || (a.sessionId < b.sessionId ? -1 : 1))
    )
  }

  async rotateSession(
    userId: UserId,
    sessionId: string,
    { expected, next, at }: { readonly expected: string; readonly next: string; readonly at: Instant },
  ): Promise<boolean> {
    const { applied } = await this.#engine.decide({
      query: `UPDATE sign_in_session SET token_hash = ?, refreshed_at = ? WHERE user_id = ? AND session_id = ?
              IF token_hash = ?`,
      params: [next, at, userId, sessionId, expected],
    })
    return applied
  }

  async endSession(userId: UserId, sessionId: string): Promise<void> {
    await this.#engine.decide({
      query: 'DELETE FROM sign_in_session WHERE user_id = ? AND session_id = ? IF EXISTS',
      params: [userId, sessionId],
    })
  }

  /** All at once; when another call did the same meanwhile, what is left then. */
  async endSessionsOf(userId: UserId, except?: string): Promise<void> {
    for (;;) {
      const rows = await this.#engine.readSerial<{ session_id: string | null; endings: number | null }>(
        'SELECT session_id, endings FROM sign_in_session WHERE user_id = ?',
        userId,
      )
      const ending = rows.flatMap((row) => row.session_id ?? []).filter((sessionId) => sessionId !== except)
      if (ending.length === 0) return
      const endings = rows[0]?.endings ?? null
      const { applied } = await this.#engine.decide(
        {
          query: 'UPDATE sign_in_session SET endings = ? WHERE user_id = ? IF endings = ?',
          params: [(endings ?? 0) + 1, userId, endings],
        },
        ...ending.map((sessionId) => ({
          query: 'DELETE FROM sign_in_session WHERE user_id = ? AND session_id = ?',
          params: [userId, sessionId],
        })),
      )
      if (applied) return
    }
  }

  async forgetSessions(before: Instant, limit: number): Promise<number> {
    let forgotten = 0
    let left = limit
    for (let shard = 0; shard < SHARDS && left > 0; shard++) {
      const rows = await this.#engine.read<Pick<SessionRow, 'expires_at' | 'user_id' | 'session_id'>>(
        `SELECT expires_at, user_id, session_id FROM sign_in_session_by_expiry
         WHERE shard = ? AND expires_at < ? LIMIT ?`,
        shard,
        before,
        left,
      )
      left -= rows.length
      for (const row of rows) {
        if (await this.#forget(row, before)) forgotten++
        await this.#engine.write(
          `DELETE FROM sign_in_session_by_expiry
           WHERE shard = ? AND expires_at = ? AND user_id = ? AND session_id = ?`,
          shard,
          row.expires_at,
          row.user_id,
          row.session_id,
        )
      }
    }
    return forgotten
  }

  async #forget(row: Pick<SessionRow, 'user_id' | 'session_id'>, before: Instant): Promise<boolean> {
    const { applied } = await this.#engine.decide({
      query: 'DELETE FROM sign_in_session WHERE user_id = ? AND session_id = ? IF expires_at < ?',
      params: [row.user_id, row.session_id, before],
    })
    return applied
  }
}

function sessionOf(row: SessionRow): Session {
  return {
    userId: row.user_id,
    sessionId: row.session_id,
    tokenHash: row.token_hash,
    createdAt: row.created_at.toNumber(),
    refreshedAt: row.refreshed_at.toNumber(),
    expiresAt: row.expires_at.toNumber(),
    ...(row.device !== null && { device: row.device }),
  }
}
