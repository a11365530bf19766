import { BATCH_BYTES, CHUNK_BYTES, joinBodies, type SubmissionVerdict } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { Finished, MiningWire } from './work.ts'

/** While results come quickly, a batch stays open for this long. */
const LINGER_MS = 2
const MAX_BATCH = 256
const ASK_AGAIN_MS = 500

/** Bytes that a result occupies while it waits. */
export function waitingBytes({ body }: Finished): number {
  return (body?.byteLength ?? 0) + 2_048
}

/**
 * Holds every result until the server's verdict. Small bodies that are ready together travel in one message: at once
 * while calm, after 2 ms or 256 KiB under load; large ones go ahead in chunks. What was under way when the connection
 * broke, and what the server puts off, is sent again.
 */
export class Outbox {
  readonly #wire: MiningWire
  readonly #clock: Clock
  readonly #soon: (action: () => void) => void
  readonly #onVerdict: (finished: Finished, verdict: Exclude<SubmissionVerdict, 'later'>) => void
  #queue: Finished[] = []
  #queuedBytes = 0
  readonly #tokens = new Set<string>()
  #bytes = 0
  #up = false
  #flushing = false
  #lastFlushAt = 0

  /** `soon` runs an action when the current turn of the event loop ends. */
  constructor(
    deps: { wire: MiningWire; clock: Clock; soon: (action: () => void) => void },
    onVerdict: (finished: Finished, verdict: Exclude<SubmissionVerdict, 'later'>) => void,
  ) {
    this.#wire = deps.wire
    this.#clock = deps.clock
    this.#soon = deps.soon
    this.#onVerdict = onVerdict
  }

  /** Results without a verdict, under way included. */
  get count(): number {
    return this.#tokens.size
  }

  /** The lease tokens of these results. */
  get tokens(): Iterable<string> {
    return this.#tokens
  }

  get bytes(): number {
    return this.#bytes
  }

  add(finished: Finished): void {
    this.#tokens.add(finished.submission.token)
    this.#bytes += waitingBytes(finished)
    this.#enqueue([finished])
  }

  /** A connection stands: everything without a verdict is sent. */
  wireUp(): void {
    this.#up = true
    this.#flush()
  }

  wireDown(): void {
    this.#up = false
  }

  #enqueue(batch: readonly Finished[]): void {
    for (const finished of batch) {
      this.#queue.push(finished)
      this.#queuedBytes += finished.body?.byteLength ?? 0
    }
    if (!this.#up) return
    if (this.#queuedBytes >= BATCH_BYTES) return this.#flush()
    if (this.#flushing) return
    this.#flushing = true
    const sinceMs = this.#clock.now() - this.#lastFlushAt
    if (sinceMs >= 0 && sinceMs < LINGER_MS) this.#clock.after(LINGER_MS - sinceMs, () => this.#flush())
    else this.#soon(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    this.#lastFlushAt = this.#clock.now()
    while (this.#up && this.#queue.length > 0) {
      const batch = this.#takeBatch()
      void this.#send(batch).catch(() => this.#again(batch))
    }
  }

  /** The next batch: small bodies up to the batch's size, or one large body alone. */
  #takeBatch(): Finished[] {
    let bytes = 0
    let count = 0
    for (const { submission, body } of this.#queue) {
      const size = body?.byteLength ?? 0
      if (count > 0 && (submission.chunked || bytes + size > BATCH_BYTES || count >= MAX_BATCH)) break
      bytes += size
      count++
      if (submission.chunked) break
    }
    this.#queuedBytes -= bytes
    return this.#queue.splice(0, count)
  }

  async #send(batch: readonly Finished[]): Promise<void> {
    const [first] = batch
    if (first?.submission.chunked && first.body && !(await this.#sendChunks(first.submission.token, first.body))) {
      return this.#later(batch)
    }
    const bodies = batch.flatMap(({ body, submission }) => (body && !submission.chunked ? [body] : []))
    const submissions = batch.map(({ submission }) => submission)
    const verdicts = await this.#wire.submit(submissions, joinBodies(bodies))
    const later = batch.filter((finished, index) => {
      const verdict = verdicts[index] ?? 'later'
      if (verdict === 'later') return true
      this.#settle(finished, verdict)
      return false
    })
    if (later.length > 0) this.#later(later)
  }

  async #sendChunks(token: string, body: Uint8Array): Promise<boolean> {
    for (let index = 0, at = 0; at < body.byteLength; index++, at += CHUNK_BYTES) {
      if (!(await this.#wire.chunk({ token, index }, body.subarray(at, at + CHUNK_BYTES)))) return false
    }
    return true
  }

  #settle(finished: Finished, verdict: Exclude<SubmissionVerdict, 'later'>): void {
    this.#tokens.delete(finished.submission.token)
    this.#bytes -= waitingBytes(finished)
    this.#onVerdict(finished, verdict)
  }

  #later(batch: readonly Finished[]): void {
    this.#clock.after(ASK_AGAIN_MS, () => this.#enqueue(batch))
  }

  /** The answer never came: at once on the next connection, or a little later on this one. */
  #again(batch: readonly Finished[]): void {
    if (this.#up) this.#later(batch)
    else this.#enqueue(batch)
  }
}
