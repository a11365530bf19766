import { CodedError, GUEST_GRANT, type AccountRecord, type AccountView, type PageView } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { OperatorStore, User, UserStore } from '@quarry/storage-port'
import { apiTokenGrant, type EndAccess } from './ended-access.ts'

/** Accounts as operators, their owners' exports and deletions see them. */
export class KeepAccounts {
  readonly #users: UserStore
  readonly #operator: OperatorStore
  readonly #endAccess: EndAccess

  constructor(users: UserStore, operator: OperatorStore, endAccess: EndAccess) {
    this.#users = users
    this.#operator = operator
    this.#endAccess = endAccess
  }

  async list(page: { search: string; after?: string; limit: number }): Promise<PageView<AccountView>> {
    const { search: prefix, ...rest } = page
    const { items, next } = await this.#operator.accounts({ prefix, ...rest })
    const users = await Promise.all(items.map(({ userId }) => this.#users.userById(userId)))
    const views = await Promise.all(users.filter((user) => user !== undefined).map((user) => this.#view(user)))
    return { items: views, ...(next !== undefined && { next }) }
  }

  async find(userId: UserId): Promise<AccountView> {
    return this.#view(await this.#user(userId))
  }

  /** The state first: a session that begins meanwhile looks at it once it is there, and ends itself. */
  async setState(userId: UserId, state: 'open' | 'disabled'): Promise<void> {
    await this.#user(userId)
    if (!(await this.#operator.setAccountState(userId, state)))
      throw new CodedError('wrong_state', 'This account is being deleted.')
    if (state === 'disabled') await this.#endAll(userId)
  }

  /** Repeating it is safe; a death in the middle leaves an account that nobody can sign in to. */
  async close(userId: UserId): Promise<void> {
    await this.#operator.setAccountState(userId, 'deleting')
    await this.#endAll(userId)
    for (const { tokenId } of await this.#users.apiTokensOf(userId)) await this.#users.revokeApiToken(userId, tokenId)
  }

  async record(userId: UserId): Promise<AccountRecord> {
    const profile = await this.find(userId)
    const tokens = await this.#users.apiTokensOf(userId)
    const apiTokens = tokens.map(({ name, scopes, createdAt, lastUsedAt }) => ({
      name,
      scopes,
      createdAt,
      ...(lastUsedAt !== undefined && { lastUsedAt }),
    }))
    const links = await this.#users.linkedSignIns.linksOf(userId)
    const linkedSignIns = links.map(({ provider, email, linkedAt }) => ({ provider, email, linkedAt }))
    return { profile, sessions: [], apiTokens, linkedSignIns }
  }

  erase(userId: UserId): Promise<void> {
    return this.#operator.eraseUser(userId)
  }

  /** Sessions, guests, and whatever is open by them or by API tokens, which are traded for nothing while the account is shut. */
  async #endAll(userId: UserId): Promise<void> {
    await this.#endAccess.sessionsOf(userId)
    const tokens = await this.#users.apiTokensOf(userId)
    this.#endAccess.tell(userId, [GUEST_GRANT, ...tokens.map(({ tokenId }) => apiTokenGrant(tokenId))])
  }

  async #user(userId: UserId): Promise<User> {
    const user = await this.#users.userById(userId)
    if (user) return user
    throw new CodedError('account_not_found', 'There is no account of this id.', {
      fields: [{ field: 'userId', problem: `is ${userId}`, allowed: 'the id of an account' }],
    })
  }

  async #view({ userId, email, createdAt, totp }: User): Promise<AccountView> {
    const { admin, state } = await this.#operator.standing(userId)
    return { userId, email, createdAt, totpEnabled: totp !== undefined, admin, state }
  }
}
