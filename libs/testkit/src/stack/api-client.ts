import {
  CodedError,
  type BalanceView,
  type CancelView,
  type ErrorBody,
  type JournalLine,
  type NewApiTokenView,
  type OrderView,
  type PageView,
  type PlaceOrderInput,
  type RecoveryCodesView,
  type Scope,
  type SessionView,
  type TotpEnrolmentView,
} from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { generate } from 'otplib'

const LEAST_LIFE_MS = 30_000

/** A signed-in user of the public API. */
export class ApiClient {
  readonly url: string
  session: SessionView
  readonly email: string
  readonly password: string
  #making: Promise<unknown> = Promise.resolve()

  private constructor(url: string, session: SessionView, credentials: { email: string; password: string }) {
    this.url = url
    this.session = session
    this.email = credentials.email
    this.password = credentials.password
  }

  /** Registers the name if it is new, and signs in. */
  static async signUp(url: string, name: string): Promise<ApiClient> {
    const credentials = { email: `${name}@test.example`, password: `a long password of ${name}` }
    await request(url, '/api/v1/auth/register', { body: credentials })
    return ApiClient.signIn(url, credentials)
  }

  /** Signs in a user who is there already. Throws `CodedError`. */
  static async signIn(url: string, credentials: { email: string; password: string }): Promise<ApiClient> {
    return new ApiClient(url, await request<SessionView>(url, '/api/v1/auth/login', { body: credentials }), credentials)
  }

  /** Any call with this user's access token; signs in anew when it is about to end. Throws `CodedError`. */
  async call<T>(
    path: string,
    options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<T> {
    if (this.session.expiresAt < Date.now() + LEAST_LIFE_MS) {
      const { email, password } = this
      this.session = await request<SessionView>(this.url, '/api/v1/auth/login', { body: { email, password } })
    }
    return request<T>(this.url, path, { token: this.session.accessToken, ...options })
  }

  /** An API token; the second factor that it takes is set up for this moment only, so that the password goes on being enough. */
  async token(...scopes: Scope[]): Promise<string> {
    const made = this.#making.then(() => this.#makeToken(scopes))
    this.#making = made.catch(() => undefined)
    return made
  }

  async #makeToken(scopes: readonly Scope[]): Promise<string> {
    const body = { name: 'test', scopes }
    return this.withTotp(async () => (await this.call<NewApiTokenView>('/api/v1/auth/tokens', { body })).token)
  }

  /** Does something that takes a second factor: one is set up before, and taken away after it. */
  async withTotp<T>(action: () => Promise<T>): Promise<T> {
    const { password } = this
    const { secret } = await this.call<TotpEnrolmentView>('/api/v1/auth/totp/enrol', { body: { password } })
    const code = await generate({ secret })
    const { recoveryCodes } = await this.call<RecoveryCodesView>('/api/v1/auth/totp/confirm', { body: { code } })
    const done = await action()
    await this.call('/api/v1/auth/totp/remove', { body: { password, code: recoveryCodes[0] } })
    return done
  }

  faucet(amountCoins: number): Promise<BalanceView> {
    return this.call('/api/v1/coins/faucet', { body: { amountCoins } })
  }

  async balance(): Promise<number> {
    return (await this.call<BalanceView>('/api/v1/coins/balance')).availableCoins
  }

  journal(): Promise<PageView<JournalLine>> {
    return this.call('/api/v1/coins/journal')
  }

  place(order: PlaceOrderInput, key?: string): Promise<OrderView> {
    return this.call('/api/v1/orders', {
      body: order,
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    })
  }

  order(orderId: string): Promise<OrderView> {
    return this.call(`/api/v1/orders/${orderId}`)
  }

  orders(): Promise<PageView<OrderView>> {
    return this.call('/api/v1/orders?limit=200')
  }

  runs(orderId: string): Promise<PageView<RunResult>> {
    return this.call(`/api/v1/orders/${orderId}/runs?limit=200`)
  }

  change(orderId: string, action: 'pause' | 'resume' | 'run-now', body: object = {}): Promise<OrderView> {
    return this.call(`/api/v1/orders/${orderId}/${action}`, { body })
  }

  cancel(orderId: string): Promise<CancelView> {
    return this.call(`/api/v1/orders/${orderId}/cancel`, { body: {} })
  }
}

async function request<T>(
  url: string,
  path: string,
  options: { method?: string; token?: string; body?: unknown; headers?: Record<string, string> },
): Promise<T> {
  const { token, body, headers } = options
  const response = await fetch(new URL(path, url), {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  const { error } = JSON.parse(text) as ErrorBody
  throw new CodedError(error.code, error.message, { fields: error.fields ?? [] })
}
