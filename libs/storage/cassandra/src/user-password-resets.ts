import type { PasswordReset, PasswordResetStore } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface ResetRow {
  readonly user_id: string
  readonly mark: string
  readonly expires_at: types.Long
}

/** Links to a new password: plain rows that never change, which Cassandra forgets by itself. */
export class UserPasswordResets implements PasswordResetStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async createPasswordReset({ tokenHash, userId, passwordMark, expiresAt }: PasswordReset): Promise<void> {
    await this.#engine.write(
      'INSERT INTO password_reset (token_hash, user_id, mark, expires_at) VALUES (?, ?, ?, ?)',
      tokenHash,
      userId,
      passwordMark,
      expiresAt,
    )
  }

  async passwordReset(tokenHash: string): Promise<PasswordReset | undefined> {
    const [row] = await this.#engine.read<ResetRow>(
      'SELECT user_id, mark, expires_at FROM password_reset WHERE token_hash = ?',
      tokenHash,
    )
    return row && { tokenHash, userId: row.user_id, passwordMark: row.mark, expiresAt: row.expires_at.toNumber() }
  }

  /** The table's own age limit does it. */
  async forgetPasswordResets(): Promise<number> {
    return 0
  }
}
