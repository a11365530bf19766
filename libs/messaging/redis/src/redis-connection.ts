import { Unavailable, WrongCredentials } from '@quarry/messaging-port'
import { Redis } from 'ioredis'
import { isRefusedLogin, portError, type Effect } from './redis-errors.ts'

const CONNECT_TIMEOUT_MS = 5_000
/** A call that takes longer is given up; what it did is unknown. */
const COMMAND_TIMEOUT_MS = 5_000
const FIRST_RECONNECT_MS = 20
const MOST_RECONNECT_MS = 1_000

/**
 * One connection, made again by itself whenever it breaks. While it is broken calls fail at once, and a call that was
 * under way when it broke fails too: nothing is ever sent twice. (With `maxRetriesPerRequest` above 0 the driver forgets
 * such calls and their promises never settle.)
 */
export class RedisConnection {
  readonly client: Redis
  readonly #where: string
  #lastError: Error | undefined
  #closed = false

  constructor(url: string) {
    this.#where = whereOf(url)
    this.client = new Redis(url, {
      lazyConnect: true,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (times) => Math.min(FIRST_RECONNECT_MS * 2 ** Math.min(times, 10), MOST_RECONNECT_MS),
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      disableClientInfo: true,
    })
    this.client.on('error', (error: Error) => {
      this.#lastError = error
    })
    this.client.on('ready', () => {
      this.#lastError = undefined
    })
  }

  /** Throws `Unavailable`, saying where and why, when Redis cannot be reached, `WrongCredentials` when it refuses them. */
  async open(): Promise<void> {
    try {
      await this.client.connect()
    } catch (error) {
      const reason = this.#lastError?.message ?? (error as Error).message
      this.close()
      if (isRefusedLogin(reason))
        throw new WrongCredentials(`Redis at ${this.#where} refused to log in: ${reason}`, { cause: error })
      throw new Unavailable(`Redis at ${this.#where} cannot be used: ${reason}`, { cause: error })
    }
  }

  get isReady(): boolean {
    return !this.#closed && this.client.status === 'ready'
  }

  /** Throws `Unavailable`; `UnknownOutcome` when the command writes and was lost after it was sent. */
  async call(effect: Effect, command: string, args: readonly string[]): Promise<unknown> {
    if (!this.isReady) {
      const reason = this.#lastError ? `: ${this.#lastError.message}` : ''
      throw new Unavailable(`Redis at ${this.#where} is not connected${reason}`)
    }
    try {
      return await this.client.call(command, ...args)
    } catch (error) {
      throw portError(error, effect)
    }
  }

  close(): void {
    this.#closed = true
    this.client.disconnect()
  }
}

/** The address without the credentials. */
function whereOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return 'an address that is not a URL'
  }
}
