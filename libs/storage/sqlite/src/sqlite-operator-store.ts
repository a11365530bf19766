import type { Instant, UserId } from '@quarry/domain'
import {
  deletionSteps,
  type AccountDeletion,
  type AccountStanding,
  type AccountState,
  type AuditEntry,
  type DenyRule,
  type ListedAccount,
  type OperatorStore,
  type Page,
} from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

/** The numbers under which states are stored; append only. */
const states: readonly AccountState[] = ['open', 'disabled', 'deleting']
/** Tables whose rows belong to one user and to nothing else, but for the user's own row. */
const TABLES_OF_A_USER = ['recovery_code', 'sign_in_session', 'api_token', 'device_grant', 'linked_sign_in']

interface AuditRow {
  readonly id: string
  readonly at: number
  readonly actor_id: string
  readonly action: string
  readonly subject: string
  readonly reason: string
  readonly request_id: string
  readonly details: string
}

interface DeletionRow {
  readonly user_id: string
  readonly requested_at: number
  readonly step: number
  readonly forfeits: string
  readonly version: number
}

/** What operators decide and what they have done, in SQLite: every method is one transaction. */
export class SqliteOperatorStore implements OperatorStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  standing(userId: UserId): Promise<AccountStanding> {
    return this.#engine.read(() => this.#standing(userId))
  }

  async setAdmin(userId: UserId, admin: boolean): Promise<void> {
    await this.#engine.write(() => this.#putStanding(userId, { ...this.#standing(userId), admin }))
  }

  setAccountState(userId: UserId, state: AccountState): Promise<boolean> {
    return this.#engine.write(() => {
      const standing = this.#standing(userId)
      if (standing.state === 'deleting') return state === 'deleting'
      this.#putStanding(userId, { ...standing, state })
      return true
    })
  }

  accounts({ prefix, after, limit }: { prefix: string; after?: string; limit: number }): Promise<Page<ListedAccount>> {
    return this.#engine.read((db) => {
      const rows = db
        .prepare<{ id: string; email: string }>(
          `SELECT id, email FROM sign_in_user
           WHERE email >= ? AND email > ? AND substr(email, 1, length(?)) = ? ORDER BY email LIMIT ?`,
        )
        .all(prefix, after ?? '', prefix, prefix, limit + 1)
        .map(({ id, email }) => ({ userId: id, email }))
      return pageOf(rows, limit, ({ email }) => email)
    })
  }

  async eraseUser(userId: UserId): Promise<void> {
    await this.#engine.write((db) => {
      for (const table of TABLES_OF_A_USER) db.prepare(`DELETE FROM ${table} WHERE user_id = ?`).run(userId)
      db.prepare('DELETE FROM sign_in_user WHERE id = ?').run(userId)
    })
  }

  async appendAudit(entry: AuditEntry): Promise<void> {
    const { entryId, at, actorId, action, subject, reason, requestId, details } = entry
    await this.#engine.write((db) => {
      db.prepare(
        `INSERT INTO audit_entry (id, at, actor_id, action, subject, reason, request_id, details)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (at, id) DO NOTHING`,
      ).run(entryId, at, actorId, action, subject, reason, requestId, JSON.stringify(details))
    })
  }

  auditEntries(page: { after?: string; limit: number }): Promise<Page<AuditEntry>> {
    return this.#engine.read((db) => {
      const from = /^(\d{1,16}):(.+)$/.exec(page.after ?? '')
      const rows = db
        .prepare<AuditRow>('SELECT * FROM audit_entry WHERE (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?')
        .all(from ? Number(from[1]) : Number.MAX_SAFE_INTEGER, from?.[2] ?? '', page.limit + 1)
      return pageOf(rows.map(auditEntry), page.limit, ({ at, entryId }) => `${at}:${entryId}`)
    })
  }

  denyRules(): Promise<readonly DenyRule[]> {
    return this.#engine.read((db) =>
      db
        .prepare<{ pattern: string; reason: string; by_user: string; at: number }>(
          'SELECT * FROM deny_rule ORDER BY pattern',
        )
        .all()
        .map(({ pattern, reason, by_user: by, at }) => ({ pattern, reason, by, at })),
    )
  }

  async putDenyRule({ pattern, reason, by, at }: DenyRule): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('REPLACE INTO deny_rule (pattern, reason, by_user, at) VALUES (?, ?, ?, ?)').run(
        pattern,
        reason,
        by,
        at,
      )
    })
  }

  async removeDenyRule(pattern: string): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('DELETE FROM deny_rule WHERE pattern = ?').run(pattern)
    })
  }

  beginDeletion(userId: UserId, at: Instant): Promise<AccountDeletion> {
    return this.#engine.write((db) => {
      db.prepare(
        `INSERT INTO account_deletion (user_id, requested_at, step, forfeits, version) VALUES (?, ?, 0, '[]', 1)
         ON CONFLICT (user_id) DO NOTHING`,
      ).run(userId, at)
      const begun = this.#deletion(userId)
      if (begun === undefined) throw new Error(`The deletion of ${userId} was begun and is not there`)
      return begun
    })
  }

  deletion(userId: UserId): Promise<AccountDeletion | undefined> {
    return this.#engine.read(() => this.#deletion(userId))
  }

  advanceDeletion(
    userId: UserId,
    expected: number,
    { step, forfeits }: Pick<AccountDeletion, 'step' | 'forfeits'>,
  ): Promise<boolean> {
    return this.#engine.write((db) => {
      const { changes } = db
        .prepare(
          'UPDATE account_deletion SET step = ?, forfeits = ?, version = version + 1 WHERE user_id = ? AND version = ?',
        )
        .run(deletionSteps.indexOf(step), JSON.stringify(forfeits), userId, expected)
      return changes > 0
    })
  }

  openDeletions(limit: number): Promise<readonly AccountDeletion[]> {
    return this.#engine.read((db) =>
      db.prepare<DeletionRow>('SELECT * FROM account_deletion WHERE step < 5 LIMIT ?').all(limit).map(deletionOf),
    )
  }

  #standing(userId: UserId): AccountStanding {
    const row = this.#engine
      .prepare<{ admin: number; state: number }>('SELECT admin, state FROM account_standing WHERE user_id = ?')
      .get(userId)
    return { admin: row?.admin === 1, state: states[row?.state ?? 0]! }
  }

  #putStanding(userId: UserId, { admin, state }: AccountStanding): void {
    this.#engine
      .prepare('REPLACE INTO account_standing (user_id, admin, state) VALUES (?, ?, ?)')
      .run(userId, admin ? 1 : 0, states.indexOf(state))
  }

  #deletion(userId: UserId): AccountDeletion | undefined {
    const row = this.#engine.prepare<DeletionRow>('SELECT * FROM account_deletion WHERE user_id = ?').get(userId)
    return row && deletionOf(row)
  }
}

function auditEntry(row: AuditRow): AuditEntry {
  const { at, action, subject, reason } = row
  return {
    entryId: row.id,
    at,
    actorId: row.actor_id,
    action,
    subject,
    reason,
    requestId: row.request_id,
    details: JSON.parse(row.details) as AuditEntry['details'],
  }
}

function deletionOf(row: DeletionRow): AccountDeletion {
  return {
    userId: row.user_id,
    requestedAt: row.requested_at,
    step: deletionSteps[row.step]!,
    forfeits: JSON.parse(row.forfeits) as number[],
    version: row.version,
  }
}

/** Of `limit + 1` rows, or fewer, the page and where the next one begins. */
function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(rows.length > limit && last !== undefined && { next: cursorOf(last) }) }
}
