import type { Instant, UserId } from '@quarry/domain'
import { deletionSteps, type AccountDeletion, type AccountDeletions } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface DeletionRow {
  readonly user_id: string
  readonly requested_at: types.Long
  readonly step: number
  readonly forfeits: string
  readonly version: number
}

/** Deletions, one row each, with an index of those not done. */
export class DeletionRows implements AccountDeletions {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async beginDeletion(userId: UserId, at: Instant): Promise<AccountDeletion> {
    const known = await this.deletion(userId)
    if (known !== undefined) return known
    await this.#engine.write('INSERT INTO open_account_deletion (part, user_id) VALUES (0, ?)', userId)
    await this.#engine.decide({
      query: `INSERT INTO account_deletion (user_id, requested_at, step, forfeits, version) VALUES (?, ?, 0, '[]', 1)
              IF NOT EXISTS`,
      params: [userId, at],
    })
    const begun = await this.deletion(userId)
    if (begun === undefined) throw new Error(`The deletion of ${userId} was begun and is not there`)
    return begun
  }

  async deletion(userId: UserId): Promise<AccountDeletion | undefined> {
    const [row] = await this.#engine.readSerial<DeletionRow>(
      'SELECT user_id, requested_at, step, forfeits, version FROM account_deletion WHERE user_id = ?',
      userId,
    )
    return row && deletionOf(row)
  }

  async advanceDeletion(
    userId: UserId,
    expected: number,
    { step, forfeits }: Pick<AccountDeletion, 'step' | 'forfeits'>,
  ): Promise<boolean> {
    const { applied } = await this.#engine.decide({
      query: 'UPDATE account_deletion SET step = ?, forfeits = ?, version = ? WHERE user_id = ? IF version = ?',
      params: [deletionSteps.indexOf(step), JSON.stringify(forfeits), expected + 1, userId, expected],
    })
    if (applied && step === 'done') await this.#close(userId)
    return applied
  }

  /** Rows of the index whose deletion is done are what a crash left; they go now. */
  async openDeletions(limit: number): Promise<readonly AccountDeletion[]> {
    const rows = await this.#engine.read<{ user_id: string }>(
      'SELECT user_id FROM open_account_deletion WHERE part = 0 LIMIT ?',
      limit,
    )
    const open: AccountDeletion[] = []
    for (const { user_id: userId } of rows) {
      const deletion = await this.deletion(userId)
      if (deletion?.step === 'done') await this.#close(userId)
      else if (deletion !== undefined) open.push(deletion)
    }
    return open
  }

  async #close(userId: UserId): Promise<void> {
    await this.#engine.write('DELETE FROM open_account_deletion WHERE part = 0 AND user_id = ?', userId)
  }
}

function deletionOf(row: DeletionRow): AccountDeletion {
  return {
    userId: row.user_id,
    requestedAt: row.requested_at.toNumber(),
    step: deletionSteps[row.step]!,
    forfeits: JSON.parse(row.forfeits) as number[],
    version: row.version,
  }
}
