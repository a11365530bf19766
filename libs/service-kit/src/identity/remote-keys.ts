import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose'

const COOL_DOWN_MS = 30_000
const TIMEOUT_MS = 5_000

type LocalKeys = ReturnType<typeof createLocalJWKSet>

/**
 * Public keys as auth publishes them. They are asked for when a token names one that is not known: at most once in 30 s,
 * whether auth answers or not, so that strangers with made-up key names cannot make us ask. Until the first answer it
 * is asked again at each need, one request at a time. What was fetched is kept until auth gives something newer.
 */
export class RemoteKeys {
  readonly #url: () => URL
  readonly #uptimeMs: () => number
  #known: LocalKeys | undefined
  #askedAt = -Infinity
  #fetching: Promise<void> | undefined

  constructor(url: () => URL, uptimeMs: () => number) {
    this.#url = url
    this.#uptimeMs = uptimeMs
  }

  /** Throws a `JOSEError` when there is no such key, and anything else when the keys cannot be had. */
  async keyOf(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.#known) {
      try {
        return await this.#known(header, token)
      } catch (error) {
        const coolingDown = this.#uptimeMs() - this.#askedAt < COOL_DOWN_MS
        if (!(error instanceof errors.JWKSNoMatchingKey) || (coolingDown && !this.#fetching)) throw error
      }
    }
    await (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined)))
    if (!this.#known) throw new Error('the keys could not be had')
    return await this.#known(header, token)
  }

  async #fetch(): Promise<void> {
    this.#askedAt = this.#uptimeMs()
    const response = await fetch(this.#url(), { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.status !== 200) throw new Error(`auth answers ${response.status} for its keys`)
    const text = await response.text()
    try {
      this.#known = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
    } catch (cause) {
      throw new Error('auth answers something else than keys', { cause })
    }
  }
}
