import type { AccountRecord, AccountService, AccountView, Factors, PageView } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { Peers } from '../peers.ts'
import { InternalCalls } from './internal-calls.ts'

/** What other processes' auth says of accounts. */
export class HttpAccountService implements AccountService {
  readonly #calls: InternalCalls

  constructor(peers: Pick<Peers, 'auths'>, secret: string) {
    this.#calls = new InternalCalls('auth', () => peers.auths, secret)
  }

  async confirm(userId: UserId, factors: Factors): Promise<void> {
    await this.#call('confirm', { userId, factors })
  }

  list(page: { search: string; after?: string; limit: number }): Promise<PageView<AccountView>> {
    return this.#call('list', page)
  }

  find(userId: UserId): Promise<AccountView> {
    return this.#call('find', { userId })
  }

  async setState(userId: UserId, state: 'open' | 'disabled'): Promise<void> {
    await this.#call('set-state', { userId, state })
  }

  async close(userId: UserId): Promise<void> {
    await this.#call('close', { userId })
  }

  record(userId: UserId): Promise<AccountRecord> {
    return this.#call('record', { userId })
  }

  async erase(userId: UserId): Promise<void> {
    await this.#call('erase', { userId })
  }

  #call<T>(method: string, body: unknown): Promise<T> {
    return this.#calls.post(`/internal/accounts/${method}`, body)
  }
}
