import type { CoinService, OrderCoinsView } from '@quarry/contracts'
import type { Peers } from '../peers.ts'
import { InternalCalls } from './internal-calls.ts'

/** The coin service in other processes. */
export class HttpCoinService implements CoinService {
  readonly #calls: InternalCalls

  constructor(peers: Pick<Peers, 'coins'>, secret: string) {
    this.#calls = new InternalCalls('coin', () => peers.coins, secret)
  }

  apply(transfers: Parameters<CoinService['apply']>[0]): ReturnType<CoinService['apply']> {
    return this.#call('apply', { transfers })
  }

  balance(userId: string): ReturnType<CoinService['balance']> {
    return this.#call('balance', { userId })
  }

  flows(userId: string, days: Parameters<CoinService['flows']>[1]): ReturnType<CoinService['flows']> {
    return this.#call('flows', { userId, days })
  }

  journal(userId: string, page: Parameters<CoinService['journal']>[1]): ReturnType<CoinService['journal']> {
    return this.#call('journal', { userId, page })
  }

  orderCoins(orderIds: readonly string[]): Promise<readonly OrderCoinsView[]> {
    return this.#call('order-coins', { orderIds })
  }

  #call<T>(method: string, body: unknown): Promise<T> {
    return this.#calls.post(`/internal/coins/${method}`, body)
  }
}
