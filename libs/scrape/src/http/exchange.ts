import type { Dispatcher } from 'undici'
import type { BodyLimits, BodySink } from '../decoding/body-reader.ts'
import { BodyReader } from '../decoding/body-reader.ts'
import { codingsOf } from '../decoding/codings.ts'
import { FetchFailure, failureOf, failureOfError } from '../failures.ts'
import { headerOf, headerPairs } from './header-pairs.ts'
import type { HeaderPair } from './header-pairs.ts'

/** An answer's unwanted body is read up to here, so that its connection can be used again. */
const DRAIN_BYTES = 64 * 1024
const DRAIN_MS = 1000

/** Ends a connection of which nothing more is wanted; made once, as a stack trace for each would cost more than the rest. */
const NOT_WANTED = new Error('Nothing more is wanted of this answer')

/** What one request needs. */
export interface ExchangeOptions {
  readonly firstByteMs: number
  readonly body: BodyLimits
  /** Whether the body of an answer with this status is read at all; an unwanted one is empty. */
  readonly wantsBody: (status: number) => boolean
}

/** One answer, its body after transfer decoding. */
export interface Exchanged {
  readonly status: number
  readonly headers: readonly HeaderPair[]
  readonly body: Uint8Array
  /** When the headers were complete, by `performance.now`. */
  readonly firstByteAt: number
}

/**
 * Takes one answer from undici's parser, without a stream or a promise in between. Ends by calling `resolve` once, or
 * `reject` once with a `FetchFailure` or, before any answer, with the connection's own error.
 */
export class Exchange implements Dispatcher.DispatchHandler, BodySink {
  readonly #options: ExchangeOptions
  readonly #resolve: (answer: Exchanged) => void
  readonly #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #timer: NodeJS.Timeout
  #reader: BodyReader | undefined
  #status = 0
  #headers: readonly HeaderPair[] = []
  #firstByteAt = 0
  #drainedBytes = 0
  #isSettled = false
  #isComplete = false
  #abortReason: Error | undefined

  constructor(options: ExchangeOptions, resolve: (answer: Exchanged) => void, reject: (error: unknown) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.failed(noAnswer(options.firstByteMs)), options.firstByteMs)
  }

  /** Ends the exchange and its connection, without calling `resolve` or `reject` any more. */
  cancel(error: Error): void {
    this.#isSettled = true
    this.#stop(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Undici gives the means to abort only now; whoever gave up before that is served here.
    if (this.#abortReason) controller.abort(this.#abortReason)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200 || this.#isSettled) return
    clearTimeout(this.#timer)
    this.#firstByteAt = performance.now()
    this.#status = status
    this.#headers = headerPairs(controller.rawHeaders)
    if (!this.#options.wantsBody(status)) return this.#drain()
    const codings = codingsOf(headerOf(this.#headers, 'content-encoding'))
    if (!codings.ok) return this.failed(new FetchFailure(codings.error))
    const announced = codings.value.length === 0 ? Number(headerOf(this.#headers, 'content-length') ?? 0) : 0
    this.#reader = new BodyReader(codings.value, this.#options.body, this, announced || 0)
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#reader) return this.#reader.push(piece)
    this.#drainedBytes += piece.byteLength
    if (this.#drainedBytes > DRAIN_BYTES) this.#stop(NOT_WANTED)
  }

  onResponseEnd(): void {
    this.#isComplete = true
    clearTimeout(this.#timer)
    this.#reader?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#isComplete = true
    if (this.#status === 0) this.#settle(() => this.#reject(error))
    else this.failed(new FetchFailure(failureOfError(error, true)))
    this.#stop(error)
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  done(body: Uint8Array): void {
    this.#settle(() => this.#answer(body))
    this.#stop(NOT_WANTED)
  }

  failed(error: Error): void {
    this.#settle(() => this.#reject(error))
    this.#stop(error)
  }

  #drain(): void {
    this.#timer = setTimeout(() => this.#stop(NOT_WANTED), DRAIN_MS)
    this.#settle(() => this.#answer(new Uint8Array(0)))
  }

  #answer(body: Uint8Array): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body, firstByteAt: this.#firstByteAt })
  }

  #settle(tell: () => void): void {
    if (this.#isSettled) return
    this.#isSettled = true
    tell()
  }

  #stop(error: Error): void {
    clearTimeout(this.#timer)
    this.#reader?.stop()
    if (this.#isComplete || this.#abortReason) return
    this.#abortReason = error
    this.#controller?.abort(error)
  }
}

function noAnswer(firstByteMs: number): FetchFailure {
  return new FetchFailure(failureOf('timed_out', `The site did not answer within ${firstByteMs / 1000} seconds.`))
}
