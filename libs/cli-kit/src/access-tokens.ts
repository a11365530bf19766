import { ACCESS_TOKEN_LIFE_MS, CodedError, type AccessTokenView, type Scope } from '@quarry/contracts'
import type { Clock, Instant } from '@quarry/domain'
import { readErrorBody, wordsOf } from './exit-codes.ts'

const EXCHANGE_TIMEOUT_MS = 15_000
/** A machine whose clock is ahead must not ask for a new token all the time. */
const SHORTEST_USE_MS = 30_000

/**
 * Trades the API token for access tokens that live a few minutes. `get` rejects with the server's `CodedError`, or with
 * `unavailable` when the server cannot be reached.
 */
export class AccessTokens {
  readonly #server: string
  readonly #apiToken: string
  readonly #clock: Clock
  #current: { view: AccessTokenView; renewAt: Instant } | undefined

  constructor(server: string, apiToken: string, clock: Clock) {
    this.#server = server
    this.#apiToken = apiToken
    this.#clock = clock
  }

  /** A token with more than a third of its life before it. */
  async get(): Promise<AccessTokenView> {
    if (this.#current && this.#clock.now() < this.#current.renewAt) return this.#current.view
    return this.renew()
  }

  /** A fresh token, whatever is left of the last one. */
  async renew(): Promise<AccessTokenView> {
    this.#current = undefined
    const view = await exchange(this.#server, this.#apiToken)
    const now = this.#clock.now()
    const lifeMs = Math.min(Math.max(view.expiresAt - now, SHORTEST_USE_MS), ACCESS_TOKEN_LIFE_MS)
    this.#current = { view, renewAt: now + lifeMs * 0.6 }
    return view
  }

  /** How long until the current token should be renewed; 0 when there is none. */
  renewInMs(): number {
    return Math.max(0, (this.#current?.renewAt ?? 0) - this.#clock.now())
  }
}

async function exchange(server: string, apiToken: string): Promise<AccessTokenView> {
  let response: Response
  let body: unknown
  try {
    response = await fetch(`${server}/api/v1/auth/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiToken}` },
      signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),
      redirect: 'error',
    })
    body = await response.json().catch(() => undefined)
  } catch (error) {
    throw new CodedError('unavailable', `${server} cannot be reached (${wordsOf(error)}).`, { cause: error })
  }
  if (response.ok && isAccessToken(body)) return body
  const coded = readErrorBody(body)
  if (coded) throw coded
  if (response.status === 401) throw new CodedError('token_invalid', `${server} does not accept the API token.`)
  throw new CodedError('unavailable', `${server} answered ${response.status} to the log-in; is a Quarry server there?`)
}

function isAccessToken(body: unknown): body is AccessTokenView {
  const view = body as Partial<AccessTokenView> | null | undefined
  return (
    typeof view?.accessToken === 'string' &&
    typeof view.expiresAt === 'number' &&
    typeof view.userId === 'string' &&
    Array.isArray(view.scopes)
  )
}

/** Says politely which permission the token lacks; throws `scope_missing`. */
export function requireScope(view: AccessTokenView, scope: Scope): void {
  if (view.scopes.includes(scope)) return
  throw new CodedError('scope_missing', `The API token has no permission "${scope}".`)
}
