import { CodedError, errorCodes, type CoinService, type ErrorBody, type OrderCoinsView } from '@quarry/contracts'
import type { Peers } from '../peers.ts'

const TIMEOUT_MS = 10_000

/** The coin service in other processes: the instance that answered last, and when it does not, the next. */
export class HttpCoinService implements CoinService {
  readonly #peers: Pick<Peers, 'coins'>
  readonly #secret: string
  #instance = 0

  constructor(peers: Pick<Peers, 'coins'>, secret: string) {
    this.#peers = peers
    this.#secret = secret
  }

  apply(transfers: Parameters<CoinService['apply']>[0]): ReturnType<CoinService['apply']> {
    return this.#call('apply', { transfers })
  }

  balance(userId: string): ReturnType<CoinService['balance']> {
    return this.#call('balance', { userId })
  }

  journal(userId: string, page: { after?: string; limit: number }): ReturnType<CoinService['journal']> {
    return this.#call('journal', { userId, page })
  }

  orderCoins(orderIds: readonly string[]): Promise<readonly OrderCoinsView[]> {
    return this.#call('order-coins', { orderIds })
  }

  async #call<T>(method: string, body: unknown): Promise<T> {
    const response = await this.#post(method, body)
    const answer = await jsonOf(response)
    if (response.ok) return answer as T
    const { error } = (answer ?? {}) as Partial<ErrorBody>
    if (error === undefined || !Object.hasOwn(errorCodes, error.code))
      throw unavailable(new Error(`coin answers ${response.status}`))
    throw new CodedError(error.code, error.message, { fields: error.fields ?? [] })
  }

  /** Every call may be repeated, so one that got no answer goes to another instance. */
  async #post(method: string, body: unknown): Promise<Response> {
    const { coins } = this.#peers
    let problem: unknown
    for (let tries = 0; tries < coins.length; tries++) {
      const instance = this.#instance
      try {
        return await fetch(new URL(`/internal/coins/${method}`, coins[instance % coins.length]), {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#secret}` },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(TIMEOUT_MS / coins.length),
        })
      } catch (error) {
        problem = error
        // Of many calls that the same instance left unanswered, one moves on for all.
        if (this.#instance === instance) this.#instance = instance + 1
      }
    }
    throw unavailable(problem)
  }
}

/** The answer's JSON; something else, or half of it, means that whoever answered was not the coin service. */
async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    throw unavailable(cause)
  }
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('unavailable', 'The coin service does not answer right now; try again shortly.', { cause })
}
