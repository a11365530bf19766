import { CHUNK_BYTES, type Delivery } from '@quarry/contracts'
import type { RunResult, UserId } from '@quarry/domain'
import type { InboxEntry, ResultStore } from '@quarry/storage-port'
import { DeliveryBatch } from './delivery-batch.ts'

/** Bytes on their way to one receiver, not yet acknowledged; at least one result is always let through. */
const MAX_OUTSTANDING_BYTES = 8 * 1024 * 1024
const READ_BATCH = 200

type StoredBody = NonNullable<Awaited<ReturnType<ResultStore['body']>>>

/** A connected result-client, as seen from here. Sending never waits. */
export interface Receiver {
  readonly customerId: UserId
  readonly orderId?: string
  readonly since?: number
  readonly window: number
  /** Whether much of what was sent has not left this process yet; the receiver is woken again later. */
  congested(): boolean
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

  /**
   * The receiver has everything up to and including `cursor`. A cursor that is not on its way is not its to acknowledge
   * and changes nothing: a second acknowledgement, or one out of order.
   */
  acknowledge(cursor: string): void {
    const index = this.#outstanding.findIndex((sent) => sent.cursor === cursor)
    for (const { bytes } of this.#outstanding.splice(0, index + 1)) this.#outstandingBytes -= bytes
    if (index >= 0) this.wake()
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
    if (this.#stopped || room <= 0 || this.#full() || this.#receiver.congested()) return false
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
    if (this.#toldCaughtUp || this.#stopped) return
    this.#toldCaughtUp = true
    this.#receiver.caughtUp()
  }

  async #push(entries: readonly InboxEntry[]): Promise<void> {
    const batch = new DeliveryBatch(this.#receiver)
    const known = new Map<string, StoredBody>()
    try {
      for (const entry of entries) {
        if (this.#full() || this.#stopped) break
        const { delivery, body } = await this.#deliveryOf(entry, known)
        if (this.#stopped) break
        batch.add(delivery, body)
        const bytes = body?.byteLength ?? 0
        this.#outstanding.push({ cursor: entry.cursor, bytes })
        this.#outstandingBytes += bytes
        this.#readUpTo = entry.cursor
      }
    } finally {
      // Also when a body could not be read: what counts as pushed must be sent.
      if (!this.#stopped) batch.flush()
    }
  }

  async #deliveryOf(
    { cursor, run }: InboxEntry,
    known: Map<string, StoredBody>,
  ): Promise<{ delivery: Delivery; body?: Uint8Array }> {
    const stored = await this.#bodyOf(run, known)
    if (!stored || run.outcome.kind !== 'page') return { delivery: { cursor, run, body: 'none' } }
    const { bytes, encoding } = stored
    // The same page may have been stored before, by a miner that compressed it in another way: the bytes are that one's.
    const content = { ...run.outcome.content, encoding, storedBytes: bytes.byteLength }
    const asStored = { ...run, outcome: { ...run.outcome, content } }
    return {
      delivery: { cursor, run: asStored, body: bytes.byteLength > CHUNK_BYTES ? 'chunked' : 'inline' },
      body: bytes,
    }
  }

  /** An unchanged page that comes several times in one batch is read once. */
  async #bodyOf(run: RunResult, known: Map<string, StoredBody>): Promise<StoredBody | undefined> {
    if (run.outcome.kind !== 'page') return undefined
    const { sha256 } = run.outcome.content
    const seen = known.get(sha256)
    if (seen) return seen
    const body = await this.#results.body(run.customerId, sha256)
    if (body) known.set(sha256, body)
    return body
  }
}
