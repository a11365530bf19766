import type { Channel, ConsumeMessage } from 'amqplib'

/** What one channel has delivered and not yet been answered. All methods do nothing once the channel is gone. */
export class Deliveries {
  readonly #channel: Channel
  /** In the order of arrival, which is that of the tags. */
  readonly #open = new Set<number>()

  constructor(channel: Channel) {
    this.#channel = channel
  }

  get size(): number {
    return this.#open.size
  }

  add(delivery: ConsumeMessage): void {
    this.#open.add(delivery.fields.deliveryTag)
  }

  /** With one frame for all that no open delivery precedes, which the broker handles in one go. */
  acknowledge(batch: readonly ConsumeMessage[]): void {
    for (const { fields } of batch) this.#open.delete(fields.deliveryTag)
    const [lowestOpen = Infinity] = this.#open
    let last: ConsumeMessage | undefined
    const later: ConsumeMessage[] = []
    for (const delivery of batch) {
      if (delivery.fields.deliveryTag > lowestOpen) later.push(delivery)
      else if (last === undefined || delivery.fields.deliveryTag > last.fields.deliveryTag) last = delivery
    }
    this.#answer(() => {
      if (last !== undefined) this.#channel.ack(last, true)
      for (const delivery of later) this.#channel.ack(delivery, false)
    })
  }

  /**
   * Returns one to its queue, or buries it. By `reject`: since RabbitMQ 4.3 a `nack` no longer counts as a failed
   * delivery.
   */
  reject(delivery: ConsumeMessage, next: 'again' | 'bury'): void {
    this.#open.delete(delivery.fields.deliveryTag)
    this.#answer(() => this.#channel.reject(delivery, next === 'again'))
  }

  #answer(send: () => void): void {
    try {
      send()
    } catch {
      // The channel has ended: the broker delivers again whatever it did not hear of.
    }
  }
}
