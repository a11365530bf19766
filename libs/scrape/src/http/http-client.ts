import { checkTarget } from '@quarry/domain'
import type { TargetPolicy } from '@quarry/domain'
import type { Dispatcher } from 'undici'
import { ACCEPT_ENCODING } from '../decoding/codings.ts'
import { FetchFailure, failureOf, isStaleConnection } from '../failures.ts'
import { Exchange } from './exchange.ts'
import type { Exchanged, ExchangeOptions } from './exchange.ts'
import type { FetchScope } from './fetch-scope.ts'

/** Longest URL that a result can carry. */
const MAX_URL = 8192
const MAX_REMEMBERED_ORIGINS = 10_000

/** Sends one request at a time of a fetch, through the address guard and within the fetch's scope. */
export class HttpClient {
  readonly #dispatcher: Dispatcher
  readonly #policy: TargetPolicy
  readonly #headers: string[]
  /** Origins that passed: all the rules look at, but for the credentials. */
  readonly #checkedOrigins = new Set<string>()

  constructor(dispatcher: Dispatcher, policy: TargetPolicy, userAgent: string) {
    this.#dispatcher = dispatcher
    this.#policy = policy
    this.#headers = [
      'user-agent',
      userAgent,
      'accept',
      'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'accept-encoding',
      ACCEPT_ENCODING,
    ]
  }

  /**
   * Refuses what can be refused without asking a resolver. Throws `address_forbidden`, and `bad_redirect` for a URL that
   * a site made up and that no order could hold.
   */
  check(url: URL, isRedirected: boolean): void {
    const isKnown = this.#checkedOrigins.has(url.origin) && url.username === '' && url.password === ''
    if (!isKnown) this.#checkAnew(url, isRedirected)
    if (url.href.length > MAX_URL) {
      throw new FetchFailure(failureOf(isRedirected ? 'bad_redirect' : 'address_forbidden', 'The address is too long.'))
    }
  }

  /**
   * Sends a GET for a checked URL. A kept connection that the site closed at that very moment is replaced once. Rejects
   * with a `FetchFailure` or with the connection's error.
   */
  async get(url: URL, options: ExchangeOptions, scope: FetchScope): Promise<Exchanged> {
    try {
      return await this.#send(url, options, scope)
    } catch (error) {
      if (!isStaleConnection(error)) throw error
      return this.#send(url, options, scope)
    }
  }

  #checkAnew(url: URL, isRedirected: boolean): void {
    const verdict = checkTarget(url, this.#policy)
    if (!verdict.ok) {
      const { rule, detail } = verdict.error
      const isMalformed = isRedirected && (rule === 'scheme' || rule === 'credentials')
      throw new FetchFailure(failureOf(isMalformed ? 'bad_redirect' : 'address_forbidden', detail))
    }
    if (this.#checkedOrigins.size >= MAX_REMEMBERED_ORIGINS) this.#checkedOrigins.clear()
    this.#checkedOrigins.add(url.origin)
  }

  #send(url: URL, options: ExchangeOptions, scope: FetchScope): Promise<Exchanged> {
    return scope.run<Exchanged>((resolve, reject) => {
      const exchange = new Exchange(options, resolve, reject)
      const request = {
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET' as const,
        headers: this.#headers,
      }
      this.#dispatcher.dispatch(request, exchange)
      return (error) => exchange.cancel(error)
    })
  }
}
