import { CodedError, type AccessTokenView, type ErrorBody } from '@quarry/contracts'
import type { CancelTimer, Clock, Random } from '@quarry/domain'
import { io, NodeWebSocket, type Socket } from 'socket.io-client'
import type { AccessTokens } from './access-tokens.ts'
import { Backoff } from './backoff.ts'
import { CookieJar } from './cookie-jar.ts'
import { exitCodes, ExitError, readErrorBody, toExitError, wordsOf } from './exit-codes.ts'

const CONNECT_TIMEOUT_MS = 15_000
const REFRESH_TIMEOUT_MS = 10_000
/** A connection that lasted this long was a good one. */
const STABLE_MS = 5_000
/** Codes that a fresh access token may cure; met twice in a row with fresh ones they end the command. */
const CURED_BY_TOKEN = new Set(['token_expired', 'token_invalid', 'not_signed_in'])

export interface SocketOptions {
  readonly server: string
  /** socket.io path of the service, such as `MINING_PATH`. */
  readonly path: string
  readonly tokens: AccessTokens
  readonly clock: Clock
  readonly random: Random
  /** The handshake's `auth`, asked for at every attempt; the access token is passed in. */
  readonly hello: (view: AccessTokenView) => Promise<object>
  /** Ends the command with exit code 5 when no connection stood for this long; never when unset. */
  readonly giveUpAfterMs?: number
  readonly onUp?: () => void
  /** The connection is gone or could not be made; the next attempt follows by itself. */
  readonly onDown?: (error: Error, retryInMs: number) => void
}

/**
 * One socket.io connection over WebSocket that comes back by itself, until `close` or an error that no waiting cures.
 * Listeners are put on `socket` once and stay. Emit only while `connected`: what socket.io would buffer for later is the
 * business of the caller, who knows what is still true after a reconnect.
 */
export class ReconnectingSocket {
  readonly socket: Socket
  /** Resolves after `close`; rejects with an `ExitError` when the server's refusal is final. */
  readonly ended: Promise<void>
  readonly #options: SocketOptions
  readonly #backoff: Backoff
  readonly #resolveEnd: () => void
  readonly #rejectEnd: (error: ExitError) => void
  #closed = false
  #attempting = false
  #refusal: CodedError | undefined
  #tokenFailures = 0
  #downSince: number
  #cancelTimers: CancelTimer[] = []

  constructor(options: SocketOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.random)
    this.#downSince = options.clock.now()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => undefined)
    this.ended = promise
    this.#resolveEnd = resolve
    this.#rejectEnd = reject
    this.socket = io(options.server, {
      path: options.path,
      transports: [stickyTransport(new CookieJar())],
      reconnection: false,
      autoConnect: false,
      forceNew: true,
      timeout: CONNECT_TIMEOUT_MS,
    })
    this.#listen()
  }

  get connected(): boolean {
    return this.socket.connected
  }

  /** Makes the first attempt; later ones follow by themselves. */
  open(): void {
    void this.#attempt()
  }

  /** Leaves this connection for another one soon: the server asked for it, or what came over it was damaged. */
  reconnect(reason: string): void {
    if (this.#closed || this.#attempting || !this.socket.connected) return
    this.#refusal = new CodedError('unavailable', reason)
    this.socket.disconnect()
  }

  /** Ends for good; what was emitted before is still sent. Repeating it does nothing. */
  close(): void {
    this.#finish(undefined)
  }

  #listen(): void {
    const { socket, clock } = { socket: this.socket, clock: this.#options.clock }
    socket.on('connect', () => {
      this.#attempting = false
      this.#refusal = undefined
      this.#cancelTimers.push(clock.after(STABLE_MS, () => this.#stable()))
      this.#refreshLater()
      this.#options.onUp?.()
    })
    socket.on('connect_error', (error) => {
      socket.disconnect()
      this.#failed(readErrorBody((error as { data?: unknown }).data) ?? transportError(this.#options.server, error))
    })
    socket.on('refused', (body: unknown) => {
      this.#refusal = readErrorBody(body)
      socket.disconnect()
    })
    socket.on('disconnect', (reason) => {
      if (this.#closed) return
      this.#downSince = clock.now()
      this.#failed(this.#refusal ?? new CodedError('unavailable', `The connection was lost (${reason}).`))
    })
  }

  #stable(): void {
    this.#backoff.reset()
    this.#tokenFailures = 0
  }

  async #attempt(): Promise<void> {
    if (this.#closed || this.#attempting) return
    this.#attempting = true
    const { tokens, hello } = this.#options
    try {
      this.socket.auth = await hello(await tokens.get())
    } catch (error) {
      return this.#failed(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#isOpen()) this.socket.connect()
  }

  /** Asked anew after waiting: the command may have ended meanwhile. */
  #isOpen(): boolean {
    return !this.#closed
  }

  #failed(error: Error): void {
    this.#attempting = false
    this.#clearTimers()
    this.#refusal = undefined
    if (this.#closed) return
    if (error instanceof ExitError) return this.#finish(error)
    const renewing = error instanceof CodedError && CURED_BY_TOKEN.has(error.code) && this.#tokenFailures++ === 0
    if (error instanceof CodedError && !error.retryable && !renewing) return this.#finish(toExitError(error))
    const { giveUpAfterMs, clock } = this.#options
    if (giveUpAfterMs !== undefined && clock.now() - this.#downSince >= giveUpAfterMs) {
      return this.#finish(new ExitError(exitCodes.retryable, 'unavailable', wordsOf(error)))
    }
    const retryInMs = this.#backoff.nextMs(error instanceof CodedError ? error.retryAfterMs : 0)
    this.#options.onDown?.(error, retryInMs)
    this.#cancelTimers.push(clock.after(retryInMs, () => void this.#renewAndAttempt(renewing)))
  }

  async #renewAndAttempt(renewing: boolean): Promise<void> {
    if (renewing && !this.#closed) {
      const failure = await this.#options.tokens.renew().then(() => undefined, asError)
      if (failure) return this.#failed(failure)
    }
    await this.#attempt()
  }

  /** Keeps the session alive: sends a fresh token before the old one ends. A failure here is tried again, then the server ends it. */
  #refreshLater(afterMs = this.#options.tokens.renewInMs()): void {
    this.#cancelTimers.push(this.#options.clock.after(Math.max(1_000, afterMs), () => void this.#refresh()))
  }

  async #refresh(): Promise<void> {
    try {
      const { accessToken } = await this.#options.tokens.renew()
      if (!this.socket.connected) return
      const refusal = (await this.socket.timeout(REFRESH_TIMEOUT_MS).emitWithAck('refresh', accessToken)) as
        ErrorBody | undefined | null
      const error = readErrorBody(refusal)
      if (error) throw error
      this.#refreshLater()
    } catch (error) {
      if (this.#closed || !this.socket.connected) return
      if (!(error instanceof CodedError) || error.retryable) return this.#refreshLater(10_000)
      this.#finish(toExitError(error))
    }
  }

  #clearTimers(): void {
    this.#cancelTimers.forEach((cancel) => cancel())
    this.#cancelTimers = []
  }

  #finish(error: ExitError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#clearTimers()
    this.socket.disconnect()
    if (error) this.#rejectEnd(error)
    else this.#resolveEnd()
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function transportError(server: string, error: Error): CodedError {
  const { description } = error as { description?: { message?: string } }
  const detail = description?.message || error.message
  return new CodedError('unavailable', `${server} cannot be reached (${detail}).`, { cause: error })
}

/** socket.io's WebSocket transport, with a cookie jar that outlives the connection. */
function stickyTransport(jar: CookieJar): typeof NodeWebSocket {
  return class StickyWebSocket extends NodeWebSocket {
    override createSocket(
      uri: string,
      protocols: string | string[] | undefined,
      opts: Record<string, unknown>,
    ): unknown {
      const cookie = jar.header()
      const headers = cookie ? { ...(opts['headers'] as Record<string, string> | undefined), cookie } : opts['headers']
      const socket = super.createSocket(uri, protocols, { ...opts, headers }) as {
        once(event: 'upgrade', listener: (response: { headers: { 'set-cookie'?: string[] } }) => void): void
      }
      socket.once('upgrade', ({ headers: answered }) => jar.keep(answered['set-cookie'] ?? []))
      return socket
    }
  }
}
