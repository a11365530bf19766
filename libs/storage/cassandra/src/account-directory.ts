import type { UserId } from '@quarry/domain'
import type { AccountDirectory, ListedAccount, Page } from '@quarry/storage-port'
import { AccountIndex } from './account-index.ts'
import type { CassandraEngine } from './cassandra-engine.ts'
import { UserAccounts } from './user-accounts.ts'
import { UserApiTokens } from './user-api-tokens.ts'
import { UserDeviceGrants } from './user-device-grants.ts'
import { UserLinkedSignIns } from './user-linked-sign-ins.ts'
import { UserSessions } from './user-sessions.ts'

/** The users by address, and how one is forgotten. */
export class CassandraAccountDirectory implements AccountDirectory {
  readonly #engine: CassandraEngine
  readonly #index: AccountIndex
  readonly #users: UserAccounts
  readonly #sessions: UserSessions
  readonly #tokens: UserApiTokens
  readonly #grants: UserDeviceGrants
  readonly #links: UserLinkedSignIns

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#index = new AccountIndex(engine)
    this.#users = new UserAccounts(engine)
    this.#sessions = new UserSessions(engine)
    this.#tokens = new UserApiTokens(engine)
    this.#grants = new UserDeviceGrants(engine, this.#tokens)
    this.#links = new UserLinkedSignIns(engine)
  }

  /** Rows that name no user, or no longer, are passed over. */
  async accounts(page: { prefix: string; after?: string; limit: number }): Promise<Page<ListedAccount>> {
    const found: ListedAccount[] = []
    const wanted = page.limit + 1
    let after = page.after ?? ''
    while (found.length < wanted) {
      const rows = await this.#index.after(page.prefix, after, wanted)
      const users = await Promise.all(rows.map(({ userId }) => this.#users.userById(userId)))
      found.push(...rows.filter(({ email }, index) => users[index]?.email === email))
      const last = rows.at(-1)
      if (last === undefined || rows.length < wanted) break
      after = last.email
    }
    const items = found.slice(0, page.limit)
    const last = items.at(-1)
    return { items, ...(found.length > page.limit && last !== undefined && { next: last.email }) }
  }

  /**
   * The address first, which ends the user; the user's row last: while it is there, a repetition knows what is to be
   * done. What is registered meanwhile under the address has another id, and is not touched.
   */
  async eraseUser(userId: UserId): Promise<void> {
    const [row] = await this.#engine.readSerial<{ email: string }>(
      'SELECT email FROM sign_in_user WHERE user_id = ?',
      userId,
    )
    if (row !== undefined) {
      await this.#engine.decide({
        query: 'DELETE FROM sign_in_email WHERE email = ? IF user_id = ?',
        params: [row.email, userId],
      })
      await this.#index.remove(row.email, userId)
    }
    await this.#sessions.endSessionsOf(userId)
    await this.#links.unlinkAll(userId)
    // Before the tokens: a grant that is gone gives no other.
    await this.#grants.forgetGrantsOf(userId)
    for (const { tokenId } of await this.#tokens.apiTokensOf(userId)) await this.#tokens.revokeApiToken(userId, tokenId)
    if (row !== undefined) {
      await this.#engine.decide({ query: 'DELETE FROM sign_in_user WHERE user_id = ? IF EXISTS', params: [userId] })
    }
  }
}
