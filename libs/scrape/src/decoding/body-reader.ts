import type { Transform } from 'node:stream'
import { FetchFailure, failureOf } from '../failures.ts'
import { ByteCollector } from './byte-collector.ts'
import type { Coding } from './codings.ts'
import type { LargeBodies } from './large-bodies.ts'

/** A compressed body up to this size is decoded in one go once it is complete: far cheaper than streams. */
const ONE_GO_BYTES = 64 * 1024
const ONE_GO_CHUNK_BYTES = 64 * 1024

/** How much of a body is taken. */
export interface BodyLimits {
  readonly maxBytes: number
  /** Whether a longer body fails as `too_large` or is cut at the limit. */
  readonly overflow: 'fail' | 'cut'
  readonly smallBodyBytes: number
  readonly largeBodies: LargeBodies
}

/** Where the bytes come from and where the body goes. Exactly one of `done` and `failed` is called, once. */
export interface BodySink {
  pause(): void
  resume(): void
  done(body: Uint8Array): void
  failed(error: Error): void
}

/**
 * Undoes the transfer encodings of a body while it arrives. The size after each layer is counted on the way, so that a
 * bomb is given up when it passes the limit; nothing is held beyond what the limits say.
 */
export class BodyReader {
  readonly #codings: readonly Coding[]
  readonly #limits: BodyLimits
  readonly #sink: BodySink
  readonly #received = new ByteCollector()
  #decoded: ByteCollector | undefined
  #layers: Transform[] = []
  #receivedBytes = 0
  #giveTurnBack: (() => void) | undefined
  #isOver = false

  constructor(codings: readonly Coding[], limits: BodyLimits, sink: BodySink, announcedBytes = 0) {
    this.#codings = codings
    this.#limits = limits
    this.#sink = sink
    if (announcedBytes > limits.maxBytes && limits.overflow === 'fail') this.#fail(tooLarge(limits.maxBytes))
  }

  push(piece: Uint8Array): void {
    if (this.#isOver) return
    if (this.#codings.length === 0) {
      this.#collect(this.#received, piece)
      return
    }
    this.#receivedBytes += piece.byteLength
    // Encoding adds a little to what cannot be compressed, and nothing honest adds more.
    if (this.#receivedBytes > this.#limits.maxBytes * 1.01 + 1024) {
      this.#fail(tooLarge(this.#limits.maxBytes))
    } else if (this.#layers.length > 0) {
      this.#write(piece)
    } else {
      this.#received.add(piece)
      if (this.#received.size > ONE_GO_BYTES || this.#limits.overflow === 'cut') this.#startLayers()
    }
  }

  /** All bytes have arrived. */
  end(): void {
    if (this.#isOver) return
    if (this.#layers.length > 0) this.#layers[0]!.end()
    else this.#finish(this.#codings.length === 0 ? this.#received : this.#decodeInOneGo())
  }

  /** Gives up without a call to the sink; harmless after the end. */
  stop(): void {
    this.#isOver = true
    this.#giveTurnBack?.()
    this.#giveTurnBack = undefined
    for (const layer of this.#layers) layer.destroy()
    this.#layers = []
  }

  #decodeInOneGo(): Uint8Array | undefined {
    let bytes = this.#received.take()
    // An empty body with an encoding is what servers send with a 304 or to a HEAD; some send it with a 200.
    if (bytes.byteLength === 0) return bytes
    try {
      for (const coding of this.#codings) {
        bytes = coding.decodeSync(bytes, { maxOutputLength: this.#limits.maxBytes, chunkSize: ONE_GO_CHUNK_BYTES })
      }
      return bytes
    } catch (error) {
      const isBomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      this.#fail(isBomb ? tooLarge(this.#limits.maxBytes) : undecodable())
      return undefined
    }
  }

  #startLayers(): void {
    const head = this.#received.take()
    this.#layers = this.#codings.map((coding, index) => coding.createStream(index === 0 ? head : ZLIB_HEAD))
    const last = this.#layers.length - 1
    const decoded = (this.#decoded = new ByteCollector())
    this.#layers.forEach((layer, index) => {
      let bytes = 0
      layer.on('error', () => this.#fail(undecodable()))
      layer.on('drain', () => index === 0 && this.#sink.resume())
      layer.on('data', (piece: Buffer) => {
        bytes += piece.byteLength
        if (index === last) this.#collect(decoded, piece)
        else if (bytes > this.#limits.maxBytes) this.#fail(tooLarge(this.#limits.maxBytes))
      })
      if (index < last) layer.pipe(this.#layers[index + 1]!)
      else layer.on('end', () => this.#finish(decoded))
    })
    this.#write(head)
  }

  #write(piece: Uint8Array): void {
    if (!this.#layers[0]!.write(piece)) this.#sink.pause()
  }

  #collect(collector: ByteCollector, piece: Uint8Array): void {
    if (this.#isOver) return
    const room = this.#limits.maxBytes - collector.size
    if (piece.byteLength > room) {
      if (this.#limits.overflow === 'fail') return this.#fail(tooLarge(this.#limits.maxBytes))
      collector.add(piece.subarray(0, room))
      return this.#finish(collector)
    }
    collector.add(piece)
    if (!this.#giveTurnBack && collector.size > this.#limits.smallBodyBytes) this.#awaitTurn()
  }

  #awaitTurn(): void {
    const last = this.#layers.at(-1)
    // Paused first: a turn that is free wakes it again before this returns.
    if (last) last.pause()
    else this.#sink.pause()
    this.#giveTurnBack = this.#limits.largeBodies.request(() => {
      if (last) last.resume()
      else this.#sink.resume()
    })
  }

  #finish(result: ByteCollector | Uint8Array | undefined): void {
    if (this.#isOver || result === undefined) return
    const body = result instanceof ByteCollector ? result.take() : result
    this.stop()
    this.#sink.done(body)
  }

  #fail(failure: FetchFailure): void {
    if (this.#isOver) return
    this.stop()
    this.#sink.failed(failure)
  }
}

/** How a wrapped deflate stream begins; inside another layer the bare form is not looked for. */
const ZLIB_HEAD = Uint8Array.of(0x78)

function tooLarge(maxBytes: number): FetchFailure {
  return new FetchFailure(failureOf('too_large', `The page is larger than the limit of ${maxBytes} bytes.`))
}

function undecodable(): FetchFailure {
  return new FetchFailure(failureOf('bad_encoding', 'The page could not be decompressed.'))
}
