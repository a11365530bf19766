import type { CancelTimer, Clock, Instant } from '@quarry/domain'
import type { BatchHandler, BatchLimits, StopConsuming, Stream } from '@quarry/messaging-port'
import type { Delivery, Publication } from './delivery.ts'
import { Unavailable, UnknownOutcome } from '@quarry/messaging-port'
import { DeadLetters } from './dead-letters.ts'
import { Fifo } from './delivery.ts'
import { backoffMs, isOutage, nextDelivery } from './redelivery.ts'

export interface MemoryStreamOptions<T> {
  /** Messages taken and not yet acknowledged, at most; further publishers wait for room. Default 1,000. */
  readonly maxMessages?: number
  /** The same in bytes; a single message may exceed it when it is alone. Default 64 MiB. */
  readonly maxBytes?: number
  /** Dead letters kept for inspection, at most; all are counted. Default 1,000. */
  readonly maxDeadLetters?: number
  readonly sizeBytesOf: (message: T) => number
}

interface Consumer<T> {
  readonly limits: BatchLimits
  readonly handler: BatchHandler<T>
  batchesInHand: number
  ended: (() => void) | undefined
}

/**
 * A stream within this process. A publish is confirmed when the consumer has acknowledged (or refused as poison) every
 * message of it, so a publisher must not wait for its confirmation inside the handler it publishes to.
 */
export class MemoryStream<T> implements Stream<T> {
  readonly deadLetters: DeadLetters<T>
  readonly #clock: Clock
  readonly #maxMessages: number
  readonly #maxBytes: number
  readonly #sizeBytesOf: (message: T) => number
  readonly #publications = new Fifo<Publication<T>>()
  readonly #unconfirmed = new Set<Publication<T>>()
  readonly #buffer = new Fifo<Delivery<T>>()
  readonly #returned = new Fifo<Delivery<T>[]>()
  readonly #backoffs = new Set<CancelTimer>()
  #consumers: Consumer<T>[] = []
  #takenMessages = 0
  #takenBytes = 0
  #backlog = 0
  #acknowledged = 0
  #pumping = false
  #closed = false
  #timer: { readonly at: Instant; readonly cancel: CancelTimer } | undefined

  constructor(clock: Clock, options: MemoryStreamOptions<T>) {
    this.#clock = clock
    this.#maxMessages = options.maxMessages ?? 1_000
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024
    this.#sizeBytesOf = options.sizeBytesOf
    this.deadLetters = new DeadLetters(options.maxDeadLetters ?? 1_000)
  }

  publish(messages: readonly T[]): Promise<void> {
    if (this.#closed) return Promise.reject(new Unavailable('the bus is closed'))
    if (messages.length === 0) return Promise.resolve()
    return new Promise((confirm, refuse) => {
      const publication: Publication<T> = {
        messages: [...messages],
        publishedAt: this.#clock.now(),
        taken: 0,
        unconfirmed: messages.length,
        confirm,
        refuse,
      }
      this.#publications.push(publication)
      this.#unconfirmed.add(publication)
      this.#backlog += messages.length
      this.#pumpSoon()
    })
  }

  async consume(limits: BatchLimits, handler: BatchHandler<T>): Promise<StopConsuming> {
    const consumer: Consumer<T> = { limits, handler, batchesInHand: 0, ended: undefined }
    this.#consumers.push(consumer)
    this.#pumpSoon()
    const idle = new Promise<void>((resolve) => {
      consumer.ended = resolve
    })
    return () => {
      this.#consumers = this.#consumers.filter((other) => other !== consumer)
      if (consumer.batchesInHand === 0) consumer.ended?.()
      return idle
    }
  }

  async backlog(): Promise<number> {
    return this.#backlog
  }

  /** Ends the stream: publishers still waiting get `UnknownOutcome`, later ones `Unavailable`. */
  close(): void {
    this.#closed = true
    this.#consumers = []
    this.#timer?.cancel()
    for (const cancel of this.#backoffs) cancel()
    const reason = new UnknownOutcome('the bus was closed before the messages were acknowledged')
    for (const publication of this.#unconfirmed) publication.refuse(reason)
    this.#unconfirmed.clear()
  }

  /** Runs once after any number of calls in one go, so that what is published together is handled together. */
  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      if (!this.#closed) this.#pump()
    })
  }

  #pump(): void {
    this.#fill()
    let progress = true
    while (progress) {
      progress = false
      for (const consumer of this.#consumers) {
        if (consumer.batchesInHand >= consumer.limits.maxBatches) continue
        const batch = this.#nextBatch(consumer.limits)
        if (batch === undefined) continue
        progress = true
        void this.#hand(batch, consumer)
      }
    }
  }

  /** Takes messages of waiting publishers while there is room, in the order of publishing. */
  #fill(): void {
    for (let next = this.#publications.first(); next !== undefined; next = this.#publications.first()) {
      while (next.taken < next.messages.length) {
        const message = next.messages[next.taken] as T
        const sizeBytes = this.#sizeBytesOf(message)
        const full = this.#takenMessages >= this.#maxMessages || this.#takenBytes + sizeBytes > this.#maxBytes
        if (full && this.#takenMessages > 0) return
        next.taken += 1
        this.#takenMessages += 1
        this.#takenBytes += sizeBytes
        this.#buffer.push({
          message,
          sizeBytes,
          publication: next,
          publishedAt: next.publishedAt,
          failures: 0,
          outages: 0,
          failuresAlone: 0,
          acknowledgedBefore: 0,
        })
      }
      this.#publications.shift()
    }
  }

  /** The next batch that is closed for these limits; otherwise sees to it that somebody looks again in time. */
  #nextBatch(limits: BatchLimits): Delivery<T>[] | undefined {
    const returned = this.#returned.shift()
    if (returned !== undefined) {
      if (returned.length > limits.maxMessages) this.#returned.push(returned.splice(limits.maxMessages))
      return returned
    }
    const first = this.#buffer.first()
    if (first === undefined) return undefined
    // Whoever may not take more fills no batch further, so waiting for size would be in vain.
    const cannotGrow = this.#publications.length > 0
    if (limits.maxWaitMs > 0 && this.#buffer.length < limits.maxMessages && !cannotGrow) {
      const now = this.#clock.now()
      // A wall clock set back must not make a message wait longer than it may.
      const waitedMs = Math.max(0, now - first.publishedAt)
      if (waitedMs < limits.maxWaitMs) {
        this.#pumpAt(now, limits.maxWaitMs - waitedMs)
        return undefined
      }
    }
    return this.#buffer.take(limits.maxMessages)
  }

  #pumpAt(now: Instant, delayMs: number): void {
    const at = now + delayMs
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(delayMs, () => {
      this.#timer = undefined
      this.#pumpSoon()
    })
    this.#timer = { at, cancel }
  }

  async #hand(batch: Delivery<T>[], consumer: Consumer<T>): Promise<void> {
    consumer.batchesInHand += 1
    try {
      await consumer.handler(batch.map((delivery) => delivery.message))
      this.#acknowledged += batch.length
      for (const delivery of batch) this.#settle(delivery)
    } catch (error) {
      this.#return(batch, error)
    }
    consumer.batchesInHand -= 1
    if (consumer.batchesInHand === 0 && !this.#consumers.includes(consumer)) consumer.ended?.()
    this.#pumpSoon()
  }

  #settle(delivery: Delivery<T>): void {
    this.#takenMessages -= 1
    this.#takenBytes -= delivery.sizeBytes
    this.#backlog -= 1
    const { publication } = delivery
    publication.unconfirmed -= 1
    if (publication.unconfirmed > 0) return
    this.#unconfirmed.delete(publication)
    publication.confirm()
  }

  #return(batch: Delivery<T>[], error: unknown): void {
    const together: Delivery<T>[] = []
    for (const delivery of batch) {
      if (delivery.failures === 0) delivery.acknowledgedBefore = this.#acknowledged
      delivery.failures += 1
      if (isOutage(error)) delivery.outages += 1
      else if (batch.length === 1) delivery.failuresAlone += 1
      const next = nextDelivery(delivery, this.#acknowledged)
      if (next === 'together') together.push(delivery)
      else if (next === 'alone') this.#deliverLater([delivery])
      else this.#giveUp(delivery, error)
    }
    if (together.length > 0) this.#deliverLater(together)
  }

  #deliverLater(batch: Delivery<T>[]): void {
    if (this.#closed) return
    const cancel = this.#clock.after(backoffMs(batch[0]?.failures ?? 1), () => {
      this.#backoffs.delete(cancel)
      this.#returned.push(batch)
      this.#pumpSoon()
    })
    this.#backoffs.add(cancel)
  }

  #giveUp(delivery: Delivery<T>, error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error)
    this.deadLetters.add({
      message: delivery.message,
      reason: `${delivery.failures} deliveries failed, ${delivery.failuresAlone} of them of this message alone; at last: ${cause}`,
      deliveries: delivery.failures,
      at: this.#clock.now(),
    })
    this.#settle(delivery)
  }
}
