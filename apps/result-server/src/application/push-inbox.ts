import { BATCH_BYTES, CHUNK_BYTES, type Delivery } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { InboxEntry, ResultStore } from '@quarry/storage-port'

/** Bytes on their way to one receiver, not yet acknowledged; at least one result is always let through. */
const MAX_OUTSTANDING_BYTES = 8 * 1024 * 1024
const READ_BATCH = 200

/** A connected result-client, as seen from here. Sending never waits. */
export interface Receiver {
  readonly customerId: UserId
  readonly orderId?: string
  readonly since?: number
  readonly window: number
  results(deliveries: readonly Delivery[], bodies: readonly Uint8Array[]): void
  chunk(header: { cursor: string; index: number }, bytes: Uint8Array): void
  caughtUp(): void
}

interface Outstanding {
  readonly cursor: string
  readonly bytes: number
}

/**
 * Pushes one customer's inbox to one receiver, from its cursor on, in order, never more than it announced to take. It
 * holds nothing that is not also in the store: a receiver that comes back goes on behind its last written cursor.
 */
export class PushInbox {
  readonly #results: ResultStore
  readonly #receiver: Receiver
  readonly #onError: (error: unknown) => void
  readonly #outstanding: Outstanding[] = []
  #outstandingBytes = 0
  #readUpTo: string | undefined
  #toldCaughtUp = false
  #reading = false
  #wokenWhileReading = false
  #stopped = false

  constructor(
    deps: { results: ResultStore; onError: (error: unknown) => void },
    receiver: Receiver,
    after: string | undefined,
  ) {
    this.#results = deps.results
    this.#onError = deps.onError
    this.#receiver = receiver
    this.#readUpTo = after
  }

  /** There may be more to push. */
  wake(): void {
    if (this.#reading) this.#wokenWhileReading = true
    else void this.#pushAll()
  }

  /** The receiver has everything up to and including `cursor`. */
  acknowledge(cursor: string): void {
    while (this.#outstanding.length > 0 && this.#outstanding[0]!.cursor <= cursor) {
      this.#outstandingBytes -= this.#outstanding.shift()!.bytes
    }
    this.wake()
  }

  stop(): void {
    this.#stopped = true
  }

  async #pushAll(): Promise<void> {
    this.#reading = true
    try {
      do {
        this.#wokenWhileReading = false
      } while ((await this.#pushSome()) || this.#wokenWhileReading)
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#reading = false
    }
  }

  /** Whether there may be more to push at once. */
  async #pushSome(): Promise<boolean> {
    const { customerId, orderId, since, window } = this.#receiver
    const room = Math.min(window - this.#outstanding.length, READ_BATCH)
    if (this.#stopped || room <= 0 || this.#full()) return false
    const entries = await this.#results.inbox(customerId, {
      limit: room,
      ...(this.#readUpTo !== undefined && { after: this.#readUpTo }),
      ...(orderId !== undefined && { orderId }),
      ...(since !== undefined && { since }),
    })
    if (entries.length === 0) this.#tellCaughtUp()
    else await this.#push(entries)
    return entries.length > 0
  }

  #full(): boolean {
    return this.#outstandingBytes > MAX_OUTSTANDING_BYTES
  }

  #tellCaughtUp(): void {
    if (this.#toldCaughtUp) return
    this.#toldCaughtUp = true
    this.#receiver.caughtUp()
  }

  async #push(entries: readonly InboxEntry[]): Promise<void> {
    let deliveries: Delivery[] = []
    let bodies: Uint8Array[] = []
    let batchBytes = 0
    const flush = () => {
      if (deliveries.length > 0 && !this.#stopped) this.#receiver.results(deliveries, bodies)
      deliveries = []
      bodies = []
      batchBytes = 0
    }
    const known = new Map<string, Uint8Array>()
    for (const { cursor, run } of entries) {
      if (this.#full()) break
      const body = await this.#bodyOf(run, known)
      const bytes = body?.byteLength ?? 0
      if (batchBytes + bytes > BATCH_BYTES) flush()
      if (body !== undefined && bytes > CHUNK_BYTES) this.#pushChunks(cursor, body)
      else if (body !== undefined) bodies.push(body)
      deliveries.push({ cursor, run, body: body === undefined ? 'none' : bytes > CHUNK_BYTES ? 'chunked' : 'inline' })
      batchBytes += bytes > CHUNK_BYTES ? 0 : bytes
      this.#outstanding.push({ cursor, bytes })
      this.#outstandingBytes += bytes
      this.#readUpTo = cursor
    }
    flush()
  }

  /** An unchanged page that comes several times in one batch is read once. */
  async #bodyOf(run: InboxEntry['run'], known: Map<string, Uint8Array>): Promise<Uint8Array | undefined> {
    if (run.outcome.kind !== 'page') return undefined
    const { sha256 } = run.outcome.content
    const seen = known.get(sha256)
    if (seen) return seen
    const body = await this.#results.body(run.customerId, sha256)
    if (body) known.set(sha256, body.bytes)
    return body?.bytes
  }

  #pushChunks(cursor: string, body: Uint8Array): void {
    for (let at = 0, index = 0; at < body.byteLength; at += CHUNK_BYTES, index++) {
      this.#receiver.chunk({ cursor, index }, body.subarray(at, at + CHUNK_BYTES))
    }
  }
}
