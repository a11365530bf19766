import type { Instant, UserId } from '@quarry/domain'
import type {
  AccountDeletion,
  AccountStanding,
  AccountState,
  AuditEntry,
  DenyRule,
  ListedAccount,
  OperatorStore,
  Page,
} from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import { CassandraAccountDirectory } from './account-directory.ts'
import { AuditRows } from './audit-rows.ts'
import type { CassandraEngine } from './cassandra-engine.ts'
import { DeletionRows } from './deletion-rows.ts'
import { untilDecided } from './lost-races.ts'

/** The numbers under which states are stored; append only. */
const states: readonly AccountState[] = ['open', 'disabled', 'deleting']

interface StandingRow {
  readonly admin: boolean | null
  readonly state: number | null
  readonly version: number | null
}

interface RuleRow {
  readonly pattern: string
  readonly reason: string
  readonly by_user: string
  readonly at: types.Long
}

/** What operators decide and what they have done, in Cassandra. */
export class CassandraOperatorStore implements OperatorStore {
  readonly #engine: CassandraEngine
  readonly #directory: CassandraAccountDirectory
  readonly #audit: AuditRows
  readonly #deletions: DeletionRows

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#directory = new CassandraAccountDirectory(engine)
    this.#audit = new AuditRows(engine)
    this.#deletions = new DeletionRows(engine)
  }

  async standing(userId: UserId): Promise<AccountStanding> {
    const { admin, state } = await this.#read(userId)
    return { admin, state }
  }

  async setAdmin(userId: UserId, admin: boolean): Promise<void> {
    await this.#change(userId, (standing) => ({ ...standing, admin }))
  }

  setAccountState(userId: UserId, state: AccountState): Promise<boolean> {
    return this.#change(userId, (standing) =>
      standing.state === 'deleting' && state !== 'deleting' ? undefined : { ...standing, state },
    )
  }

  accounts(page: { prefix: string; after?: string; limit: number }): Promise<Page<ListedAccount>> {
    return this.#directory.accounts(page)
  }

  eraseUser(userId: UserId): Promise<void> {
    return this.#directory.eraseUser(userId)
  }

  appendAudit(entry: AuditEntry): Promise<void> {
    return this.#audit.appendAudit(entry)
  }

  auditEntries(page: { after?: string; limit: number }): Promise<Page<AuditEntry>> {
    return this.#audit.auditEntries(page)
  }

  async denyRules(): Promise<readonly DenyRule[]> {
    const rows = await this.#engine.read<RuleRow>('SELECT pattern, reason, by_user, at FROM deny_rule WHERE part = 0')
    return rows.map(({ pattern, reason, by_user: by, at }) => ({ pattern, reason, by, at: at.toNumber() }))
  }

  async putDenyRule({ pattern, reason, by, at }: DenyRule): Promise<void> {
    await this.#engine.write(
      'INSERT INTO deny_rule (part, pattern, reason, by_user, at) VALUES (0, ?, ?, ?, ?)',
      pattern,
      reason,
      by,
      at,
    )
  }

  async removeDenyRule(pattern: string): Promise<void> {
    await this.#engine.write('DELETE FROM deny_rule WHERE part = 0 AND pattern = ?', pattern)
  }

  beginDeletion(userId: UserId, at: Instant): Promise<AccountDeletion> {
    return this.#deletions.beginDeletion(userId, at)
  }

  deletion(userId: UserId): Promise<AccountDeletion | undefined> {
    return this.#deletions.deletion(userId)
  }

  advanceDeletion(
    userId: UserId,
    expected: number,
    next: Pick<AccountDeletion, 'step' | 'forfeits'>,
  ): Promise<boolean> {
    return this.#deletions.advanceDeletion(userId, expected, next)
  }

  openDeletions(limit: number): Promise<readonly AccountDeletion[]> {
    return this.#deletions.openDeletions(limit)
  }

  async #read(userId: UserId): Promise<AccountStanding & { version: number | null }> {
    const [row] = await this.#engine.readSerial<StandingRow>(
      'SELECT admin, state, version FROM account_standing WHERE user_id = ?',
      userId,
    )
    return { admin: row?.admin ?? false, state: states[row?.state ?? 0]!, version: row?.version ?? null }
  }

  /** False when `next` says undefined, and nothing is written. */
  #change(userId: UserId, next: (standing: AccountStanding) => AccountStanding | undefined): Promise<boolean> {
    return untilDecided(`the standing of ${userId}`, async () => {
      const { version, ...standing } = await this.#read(userId)
      const wanted = next(standing)
      if (wanted === undefined) return false
      if (wanted.admin === standing.admin && wanted.state === standing.state) return true
      const { applied } = await this.#engine.decide({
        query: 'UPDATE account_standing SET admin = ?, state = ?, version = ? WHERE user_id = ? IF version = ?',
        params: [wanted.admin, states.indexOf(wanted.state), (version ?? 0) + 1, userId, version],
      })
      return applied ? true : undefined
    })
  }
}
