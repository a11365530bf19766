import type { BatchHandler, BatchLimits, StopConsuming, Stream } from '@quarry/messaging-port'
import type { ConfirmChannel } from 'amqplib'
import type { RabbitAddress } from './address.ts'
import type { Control } from './control.ts'
import type { Codec } from './encoding.ts'
import type { OnRabbitEvent } from './events.ts'
import { Publisher, type PublisherOptions } from './publisher.ts'
import { keepOpen } from './session.ts'
import { Subscription } from './subscription.ts'
import type { Topology } from './topology.ts'

export interface RabbitStreamOptions<T> {
  readonly address: RabbitAddress
  readonly control: Control
  readonly codec: Codec<T>
  readonly topology: Topology
  readonly publishing: PublisherOptions
  readonly onEvent: OnRabbitEvent
}

/**
 * One stream on its queues. The first publish opens a connection for publishing, each `consume` one of its own: the
 * broker holds whole connections up, and acknowledgements must not wait behind messages.
 */
export class RabbitStream<T> implements Stream<T> {
  readonly #options: RabbitStreamOptions<T>
  readonly #publisher: Publisher
  readonly #subscriptions = new Set<Subscription<T>>()
  readonly #ending = new AbortController()
  #publishing: Promise<void> | undefined

  constructor(options: RabbitStreamOptions<T>) {
    this.#options = options
    this.#publisher = new Publisher(options.publishing)
  }

  publish(messages: readonly T[]): Promise<void> {
    const { codec, topology } = this.#options
    if (messages.length > 0 && !this.#ending.signal.aborted) this.#publishing ??= this.#keepPublishing()
    return this.#publisher.publish(
      messages.map((message) => {
        const sizeBytes = codec.sizeBytesOf(message)
        const queue = topology.queueOf(codec.partitionKeyOf(message), sizeBytes)
        return { queue, id: codec.idOf(message), sizeBytes, encode: () => codec.encode(message) }
      }),
    )
  }

  /** Resolves at once: messages come as soon as the broker can be reached, and again whenever it was lost. */
  async consume(limits: BatchLimits, handler: BatchHandler<T>): Promise<StopConsuming> {
    const { address, codec, topology, onEvent } = this.#options
    const subscription = new Subscription({ address, codec, topology, limits, handler, onEvent })
    this.#subscriptions.add(subscription)
    return async () => {
      await subscription.stop()
      this.#subscriptions.delete(subscription)
    }
  }

  /**
   * Messages that lie in the queues, plus those that this process has not seen confirmed or has in hand; what other
   * processes have in hand is not known. Throws `Unavailable`.
   */
  async backlog(): Promise<number> {
    let count = this.#publisher.unconfirmed
    for (const subscription of this.#subscriptions) count += subscription.unacknowledged
    return count + (await this.#count(this.#options.topology.queues))
  }

  /** Publishers still waiting get `UnknownOutcome` or `Unavailable`; what is in hand is delivered again elsewhere. */
  async close(): Promise<void> {
    this.#ending.abort()
    this.#publisher.close()
    await Promise.all([this.#publishing, ...[...this.#subscriptions].map((subscription) => subscription.abandon())])
  }

  #count(queues: readonly string[]): Promise<number> {
    return this.#options.control.withChannel(
      (model) => model.createChannel(),
      async (channel) => {
        const answers = await Promise.all(queues.map((queue) => channel.checkQueue(queue)))
        return answers.reduce((sum, { messageCount }) => sum + messageCount, 0)
      },
    )
  }

  #keepPublishing(): Promise<void> {
    const { address, codec, topology, onEvent } = this.#options
    const name = `${codec.stream} publisher`
    return keepOpen<ConfirmChannel>({
      opening: {
        address,
        name,
        channelOf: (model) => model.createConfirmChannel(),
        prepare: async ({ channel }) => {
          this.#publisher.listenTo(channel)
          await topology.declare(channel)
        },
        onBlocked: (reason) => {
          this.#publisher.block(reason)
          if (reason === undefined) onEvent({ kind: 'unblocked', connection: name })
          else onEvent({ kind: 'blocked', connection: name, reason })
        },
      },
      signal: this.#ending.signal,
      onEvent,
      onOpen: ({ channel }) => this.#publisher.attach(channel),
      onEnded: () => this.#publisher.detach(),
    })
  }
}
