import { BATCH_BYTES, CHUNK_BYTES, type Delivery } from '@quarry/contracts'
import type { Receiver } from './push-inbox.ts'

/** Gathers results into messages of a bounded size; a large body goes ahead of its result, in chunks. */
export class DeliveryBatch {
  readonly #receiver: Receiver
  #deliveries: Delivery[] = []
  #bodies: Uint8Array[] = []
  #bytes = 0

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  add(delivery: Delivery, body: Uint8Array | undefined): void {
    if (body !== undefined && delivery.body === 'chunked') this.#sendChunks(delivery.cursor, body)
    else if (body !== undefined) {
      if (this.#bytes + body.byteLength > BATCH_BYTES) this.flush()
      this.#bodies.push(body)
      this.#bytes += body.byteLength
    }
    this.#deliveries.push(delivery)
  }

  flush(): void {
    if (this.#deliveries.length === 0) return
    this.#receiver.results(this.#deliveries, this.#bodies)
    this.#deliveries = []
    this.#bodies = []
    this.#bytes = 0
  }

  #sendChunks(cursor: string, body: Uint8Array): void {
    for (let at = 0, index = 0; at < body.byteLength; at += CHUNK_BYTES, index++) {
      this.#receiver.chunk({ cursor, index }, body.subarray(at, at + CHUNK_BYTES))
    }
  }
}
