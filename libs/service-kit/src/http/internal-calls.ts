import { CodedError, errorCodes, type ErrorBody } from '@quarry/contracts'

const TIMEOUT_MS = 10_000

/** Calls to a service in other processes: the instance that answered last, and when it does not, the next. */
export class InternalCalls {
  readonly #service: string
  readonly #urls: () => readonly string[]
  readonly #secret: string
  #instance = 0

  /** `urls` gives the instances, at least one, in an order that stays. */
  constructor(service: string, urls: () => readonly string[], secret: string) {
    this.#service = service
    this.#urls = urls
    this.#secret = secret
  }

  /** The answer's JSON. Throws `CodedError`: what the service says, or `unavailable`. */
  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await this.#send(path, body)
    const answer = await this.#jsonOf(response)
    if (response.ok) return answer as T
    const { error } = (answer ?? {}) as Partial<ErrorBody>
    if (error === undefined || !Object.hasOwn(errorCodes, error.code))
      throw this.#unavailable(new Error(`${this.#service} answers ${response.status}`))
    throw new CodedError(error.code, error.message, {
      fields: error.fields ?? [],
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    })
  }

  /** Every call may be repeated, so one that got no answer goes to another instance. */
  async #send(path: string, body: unknown): Promise<Response> {
    const urls = this.#urls()
    let problem: unknown
    for (let tries = 0; tries < urls.length; tries++) {
      const instance = this.#instance
      try {
        return await fetch(new URL(path, urls[instance % urls.length]), {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#secret}` },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(TIMEOUT_MS / urls.length),
        })
      } catch (error) {
        problem = error
        // Of many calls that the same instance left unanswered, one moves on for all.
        if (this.#instance === instance) this.#instance = instance + 1
      }
    }
    throw this.#unavailable(problem)
  }

  /** Something else than JSON, or half of it, means that whoever answered was not the service. */
  async #jsonOf(response: Response): Promise<unknown> {
    try {
      return await response.json()
    } catch (cause) {
      throw this.#unavailable(cause)
    }
  }

  #unavailable(cause: unknown): CodedError {
    return new CodedError('unavailable', `The ${this.#service} service does not answer right now; try again shortly.`, {
      cause,
    })
  }
}
