import { Unavailable, UnknownOutcome, type BatchHandler, type BatchLimits } from '@quarry/messaging-port'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { RabbitAddress } from './address.ts'
import { Batches, type Delivery } from './batches.ts'
import { Deliveries } from './deliveries.ts'
import type { Codec } from './encoding.ts'
import type { OnRabbitEvent } from './events.ts'
import { goesAlone, pauseMs, Suspects } from './redelivery.ts'
import { keepOpen, type Session } from './session.ts'
import { DELIVERY_LIMIT, type Topology } from './topology.ts'

/**
 * A quorum queue's prefetch goes by consumer, that is by partition; one busy customer must fill all batches, so each
 * partition may bring as many messages as all batches hold, but not more than this, for memory's sake.
 */
const MOST_PREFETCHED_PER_PARTITION = 1_000
/** Of the queue of large messages: some of ten megabytes each. */
const MOST_PREFETCHED_LARGE = 8

export interface SubscriptionOptions<T> {
  readonly address: RabbitAddress
  readonly codec: Codec<T>
  readonly topology: Topology
  readonly limits: BatchLimits
  readonly handler: BatchHandler<T>
  readonly onEvent: OnRabbitEvent
}

/** What belongs to one session, and goes with it. */
interface Connected<T> {
  readonly session: Session<Channel>
  readonly queues: readonly string[]
  readonly deliveries: Deliveries
  readonly batches: Batches<T>
  /** Failed batches that are held back for a moment. */
  readonly held: Map<NodeJS.Timeout, readonly Delivery<T>[]>
}

interface Outage {
  readonly error: unknown
  /** Tries in a row that ended so, this one included. */
  readonly outages: number
}

/** One call of `consume`: takes messages of all partitions over a connection of its own, which it renews by itself. */
export class Subscription<T> {
  readonly #options: SubscriptionOptions<T>
  readonly #suspects = new Suspects()
  readonly #ending = new AbortController()
  readonly #ended: Promise<void>
  #connected: Connected<T> | undefined
  #batchesInHand = 0
  #pumping = false
  #stopping: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  constructor(options: SubscriptionOptions<T>) {
    this.#options = options
    const { address, codec, onEvent } = options
    this.#ended = keepOpen<Channel>({
      opening: {
        address,
        name: `${codec.stream} consumer`,
        channelOf: (model) => model.createChannel(),
        prepare: (session) => this.#subscribe(session),
      },
      signal: this.#ending.signal,
      onEvent,
      onOpen: () => undefined,
      onEnded: ({ channel }) => this.#disconnect(channel),
    })
  }

  /** Messages that this subscription has in hand or holds ready. */
  get unacknowledged(): number {
    return this.#connected?.deliveries.size ?? 0
  }

  /** Takes no more, waits for the batches in hand, and gives the rest back. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Ends at once; what is in hand is delivered to somebody else. */
  async abandon(): Promise<void> {
    this.#stopping ??= Promise.resolve()
    this.#ending.abort()
    await this.#ended
  }

  async #stop(): Promise<void> {
    await this.#giveBack()
    if (this.#batchesInHand > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    this.#ending.abort()
    await this.#ended
  }

  async #subscribe(session: Session<Channel>): Promise<void> {
    const { topology, limits } = this.#options
    const { channel } = session
    await topology.declare(channel)
    const most = limits.maxMessages * limits.maxBatches
    const partitions = [...topology.partitions, ...(await topology.leftOver(session.model))]
    const connected: Connected<T> = {
      session,
      queues: [...partitions, topology.large],
      deliveries: new Deliveries(channel),
      batches: new Batches(limits, () => this.#pumpSoon()),
      held: new Map(),
    }
    this.#connected = connected
    const consume = (queue: string) =>
      channel.consume(queue, (raw) => this.#arrived(connected, raw), { consumerTag: queue })
    try {
      // It holds for the consumers that follow it.
      await channel.prefetch(Math.min(most, MOST_PREFETCHED_PER_PARTITION))
      for (const queue of partitions) await consume(queue)
      await channel.prefetch(Math.min(most, MOST_PREFETCHED_LARGE))
      await consume(topology.large)
    } catch (error) {
      this.#disconnect(channel)
      throw error
    }
  }

  #disconnect(channel: Channel): void {
    if (this.#connected?.session.channel !== channel) return
    this.#connected.batches.clear()
    for (const timer of this.#connected.held.keys()) clearTimeout(timer)
    this.#connected = undefined
  }

  #arrived(connected: Connected<T>, raw: ConsumeMessage | null): void {
    // The broker has ended the consumer: its queue is gone, or its leader. A new session declares and subscribes anew.
    if (raw === null) return void connected.session.close('the broker cancelled a consumer')
    const { codec } = this.#options
    connected.deliveries.add(raw)
    const decoded = codec.decode(raw.content)
    if (!decoded.ok) return this.#bury(connected, { raw, id: String(raw.properties.messageId) }, decoded.error)
    const failures = Number(raw.properties.headers?.['x-delivery-count'] ?? 0)
    const delivery = { message: decoded.value, id: codec.idOf(decoded.value), raw, failures }
    connected.batches.add(delivery, goesAlone(failures))
    this.#pumpSoon()
  }

  /** Runs once after any number of arrivals in one go, so that what arrives together is handled together. */
  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#connected && !this.#stopping && this.#batchesInHand < this.#options.limits.maxBatches) {
      const batch = this.#connected.batches.next()
      if (batch === undefined) return
      void this.#hand(this.#connected, batch)
    }
  }

  async #hand(connected: Connected<T>, batch: readonly Delivery<T>[], outages = 0): Promise<void> {
    this.#batchesInHand += 1
    try {
      await this.#options.handler(batch.map(({ message }) => message))
      connected.deliveries.acknowledge(batch.map(({ raw }) => raw))
      this.#suspects.acknowledged(batch.map(({ id }) => id))
    } catch (error) {
      if (isOutage(error)) this.#waitOut(connected, batch, { error, outages: outages + 1 })
      else this.#failed(connected, batch, error)
    }
    this.#batchesInHand -= 1
    if (this.#batchesInHand === 0) this.#onIdle?.()
    this.#pumpSoon()
  }

  #failed(connected: Connected<T>, batch: readonly Delivery<T>[], error: unknown): void {
    const { codec, onEvent } = this.#options
    onEvent({ kind: 'batch-failed', stream: codec.stream, messages: batch.length, error })
    const again: Delivery<T>[] = []
    for (const delivery of batch) {
      const poison = this.#suspects.failed(delivery.id, batch.length === 1)
      if (!poison && delivery.failures < DELIVERY_LIMIT) again.push(delivery)
      else this.#bury(connected, delivery, `${delivery.failures + 1} deliveries failed; at last: ${String(error)}`)
    }
    if (again.length === 0) return
    if (this.#stopping) return this.#return(connected, again)
    const failures = Math.max(...again.map((delivery) => delivery.failures + 1))
    this.#hold(connected, again, { forMs: pauseMs(failures), then: () => this.#return(connected, again) })
  }

  /**
   * An engine that the handler needs does not answer: no message's fault, so none is sent back to the broker, which would
   * count it against them. The batch is handed again as it is, for as long as it takes.
   */
  #waitOut(connected: Connected<T>, batch: readonly Delivery<T>[], { error, outages }: Outage): void {
    const { codec, onEvent } = this.#options
    onEvent({ kind: 'batch-failed', stream: codec.stream, messages: batch.length, error })
    if (this.#stopping) return this.#return(connected, batch)
    this.#hold(connected, batch, { forMs: pauseMs(outages), then: () => void this.#hand(connected, batch, outages) })
  }

  #hold(connected: Connected<T>, batch: readonly Delivery<T>[], { forMs, then }: { forMs: number; then: () => void }) {
    // Its session is gone, and the broker has given its messages to somebody else.
    if (this.#connected !== connected) return
    const timer = setTimeout(() => {
      connected.held.delete(timer)
      then()
    }, forMs)
    connected.held.set(timer, batch)
  }

  #bury(connected: Connected<T>, delivery: { raw: ConsumeMessage; id: string }, reason: string): void {
    connected.deliveries.reject(delivery.raw, 'bury')
    const { codec, onEvent } = this.#options
    onEvent({ kind: 'dead-letter', stream: codec.stream, id: delivery.id, reason })
  }

  #return(connected: Connected<T>, batch: readonly Delivery<T>[]): void {
    for (const { raw } of batch) connected.deliveries.reject(raw, 'again')
  }

  /** Ends the consumers, then returns at once what nobody has begun, so that others need not wait for it. */
  async #giveBack(): Promise<void> {
    const connected = this.#connected
    if (connected === undefined) return
    const { channel } = connected.session
    await Promise.all(connected.queues.map((queue) => channel.cancel(queue))).catch(() => undefined)
    this.#return(connected, connected.batches.clear())
    for (const [timer, batch] of connected.held) {
      clearTimeout(timer)
      this.#return(connected, batch)
    }
    connected.held.clear()
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof Unavailable || error instanceof UnknownOutcome
}
