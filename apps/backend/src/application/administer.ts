import {
  CodedError,
  type AccountService,
  type AdminAccountView,
  type AuditAction,
  type AuditEntryView,
  type CoinService,
  type DenyRuleView,
  type PageView,
} from '@quarry/contracts'
import { HOUSE_ACCOUNT, mintAccount, parseDenyPattern, userAccount, type Clock, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { OperatorStore, OrderStore } from '@quarry/storage-port'

/** Orders counted of one account; who has more is said to have more. */
const COUNTED_ORDERS = 100

/** Who acts, in which request, and why. */
export interface Act {
  readonly by: UserId
  readonly requestId: string
  readonly reason: string
}

type AuditDetails = Readonly<Record<string, string | number>>

/** Makes ids of entries, and of what an idempotency key stands for. */
export interface AdminIds {
  fresh(): string
  keyed(adminId: UserId, key: string): string
}

/** What administrators do. Each act stands in the audit log before it takes effect; what is refused was tried all the same. */
export class Administer {
  readonly #operator: OperatorStore
  readonly #accounts: AccountService
  readonly #coins: CoinService
  readonly #orders: OrderStore
  readonly #live: LiveEvents
  readonly #clock: Clock
  readonly #ids: AdminIds

  constructor(deps: {
    operator: OperatorStore
    accounts: AccountService
    coins: CoinService
    orders: OrderStore
    live: LiveEvents
    clock: Clock
    ids: AdminIds
  }) {
    this.#operator = deps.operator
    this.#accounts = deps.accounts
    this.#coins = deps.coins
    this.#orders = deps.orders
    this.#live = deps.live
    this.#clock = deps.clock
    this.#ids = deps.ids
  }

  async list(page: { search: string; after?: string; limit: number }): Promise<PageView<AdminAccountView>> {
    const { items, next } = await this.#accounts.list(page)
    const views = await Promise.all(items.map((account) => this.#view(account)))
    return { items: views, ...(next !== undefined && { next }) }
  }

  async one(userId: UserId): Promise<AdminAccountView> {
    return this.#view(await this.#accounts.find(userId))
  }

  /** Throws `account_not_found`; `wrong_state` for one's own account, and for one that is being deleted. */
  async setState(userId: UserId, state: 'open' | 'disabled', act: Act): Promise<AdminAccountView> {
    await this.#accounts.find(userId)
    if (userId === act.by) throw new CodedError('wrong_state', 'Nobody can disable their own account.')
    await this.log(state === 'disabled' ? 'account.disable' : 'account.enable', userId, act)
    await this.#accounts.setState(userId, state)
    return this.one(userId)
  }

  /** Coins from the mint (positive) or to the house (negative). Under the same key again: once, or `idempotency_mismatch`. */
  async moveCoins(userId: UserId, coins: number, { key, ...act }: Act & { key: string }): Promise<AdminAccountView> {
    await this.#accounts.find(userId)
    const amountCoins = Math.abs(coins)
    const given = coins > 0
    await this.log(given ? 'account.credit' : 'account.debit', userId, { ...act, details: { coins: amountCoins } })
    const [outcome] = await this.#coins.apply([
      {
        id: this.#ids.keyed(act.by, key),
        kind: given ? 'mint' : 'forfeit',
        debit: given ? mintAccount(userId) : userAccount(userId),
        credit: given ? userAccount(userId) : HOUSE_ACCOUNT,
        amountCoins,
        at: this.#clock.now(),
      },
    ])
    if (outcome?.kind === 'mismatch')
      throw new CodedError('idempotency_mismatch', 'This Idempotency-Key was used for something else; take a new one.')
    if (outcome?.kind === 'insufficient') throw notEnough(amountCoins, outcome.availableCoins)
    this.#live.publish(`user:${userId}`, { kind: 'balance-changed' })
    return this.one(userId)
  }

  async denyRules(): Promise<readonly DenyRuleView[]> {
    return this.#operator.denyRules()
  }

  /** Throws `invalid_input` for what is no pattern. */
  async deny(text: string, act: Act): Promise<void> {
    const pattern = parseDenyPattern(text)
    if (!pattern.ok) {
      const fields = [{ field: 'pattern', problem: pattern.error, allowed: 'such as example.com or *.example.com' }]
      throw new CodedError('invalid_input', `pattern ${pattern.error}`, { fields })
    }
    await this.log('deny-list.add', pattern.value, act)
    await this.#operator.putDenyRule({ pattern: pattern.value, reason: act.reason, by: act.by, at: this.#clock.now() })
    this.#live.publish('deny-list', { kind: 'deny-list-changed' })
  }

  /** Throws `not_found` when there is no such rule. */
  async allow(pattern: string, act: Act): Promise<void> {
    if (!(await this.#operator.denyRules()).some((rule) => rule.pattern === pattern))
      throw new CodedError('not_found', 'The deny-list has no such rule.')
    await this.log('deny-list.remove', pattern, act)
    await this.#operator.removeDenyRule(pattern)
    this.#live.publish('deny-list', { kind: 'deny-list-changed' })
  }

  async audit(page: { after?: string; limit: number }): Promise<PageView<AuditEntryView>> {
    const { items, next } = await this.#operator.auditEntries(page)
    const views = items.map(({ entryId: id, action, ...entry }) => ({ id, action: action as AuditAction, ...entry }))
    return { items: views, ...(next !== undefined && { next }) }
  }

  /** Durable when it resolves; nothing may take effect before. */
  async log(action: AuditAction, subject: string, act: Act & { readonly details?: AuditDetails }): Promise<void> {
    const { by: actorId, requestId, reason, details = {} } = act
    const [entryId, at] = [this.#ids.fresh(), this.#clock.now()]
    await this.#operator.appendAudit({ entryId, at, actorId, action, subject, reason, requestId, details })
  }

  async #view(account: Awaited<ReturnType<AccountService['find']>>): Promise<AdminAccountView> {
    const [{ availableCoins }, orders] = await Promise.all([
      this.#coins.balance(account.userId),
      this.#orders.ofCustomer(account.userId, { limit: COUNTED_ORDERS }),
    ])
    return { ...account, availableCoins, orders: orders.items.length, moreOrders: orders.next !== undefined }
  }
}

function notEnough(coins: number, availableCoins: number): CodedError {
  const fields = [{ field: 'coins', problem: `is ${coins}`, allowed: `at most ${availableCoins}` }]
  return new CodedError('not_enough_coins', `The account has ${availableCoins} coins.`, { fields })
}
