import type { Instant } from '@quarry/domain'

/** One call of `publish`, until each of its messages is acknowledged. */
export interface Publication<T> {
  readonly messages: readonly T[]
  readonly publishedAt: Instant
  /** How many have been taken into the buffer; the rest waits for room. */
  taken: number
  unconfirmed: number
  readonly confirm: () => void
  readonly refuse: (reason: Error) => void
}

/** One message from being taken into the buffer until it is acknowledged or a dead letter. */
export interface Delivery<T> {
  readonly message: T
  readonly sizeBytes: number
  readonly publication: Publication<T>
  readonly publishedAt: Instant
  /** Deliveries that failed, in a batch and alone. */
  failures: number
  /** Of those, the ones where an engine did not answer its consumer. */
  outages: number
  /** Of the others, the ones where no other message was in the batch. */
  failuresAlone: number
  /** How many messages of the stream had been acknowledged when this one first failed. */
  acknowledgedBefore: number
}

/** A first-in, first-out list: taking from the front costs no move of the rest. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  first(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    return this.take(1)[0]
  }

  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count)
    this.#head += taken.length
    // What was taken must not be kept alive for long: bodies are large.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return taken
  }
}
