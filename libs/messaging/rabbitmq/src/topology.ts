import type { Channel, ChannelModel } from 'amqplib'
import { hash32 } from '@quarry/domain'

/**
 * How often a message may fail before the broker itself buries it. High on purpose: with the pauses between deliveries
 * it takes eight minutes of a consumer's own trouble (a full disk, a store that is down), while a message that fails
 * where others succeed is buried after ten. What crashes its consumer ends here, too.
 */
export const DELIVERY_LIMIT = 110
/** Looking at dead letters counts as failing to deliver them; a quorum queue would drop them at some time. */
const DEAD_LETTER_DELIVERY_LIMIT = 1_000_000

/** What a queue holds at most, so that consumers that are away for days do not fill the broker's disk. */
export const DEFAULT_QUEUE_BYTES = 8 * 1024 ** 3

/** What is larger goes by a queue of its own. */
const LARGE_BYTES = 64 * 1024

export interface TopologyOptions {
  readonly prefix: string
  readonly partitions: number
  readonly queueBytes: number
}

/**
 * The queues of one stream: `<prefix><stream>.<0..k-1>`, `<prefix><stream>.large` and `<prefix><stream>.dead`. Their
 * arguments are fixed at the first declaration; the broker refuses another one. A full queue refuses publishers; a dead
 * letter leaves its queue only when the queue of the dead has confirmed it.
 *
 * A consumer bounds what it holds by the number of messages, since the broker counts no bytes: so large messages, of
 * which a few fill its memory, have a queue from which it takes few.
 */
export class Topology {
  readonly #options: TopologyOptions
  readonly #name: string

  constructor(stream: string, options: TopologyOptions) {
    this.#options = options
    this.#name = `${options.prefix}${stream}`
  }

  get dead(): string {
    return `${this.#name}.dead`
  }

  get partitions(): readonly string[] {
    return Array.from({ length: this.#options.partitions }, (_, index) => this.#partition(index))
  }

  get large(): string {
    return `${this.#name}.large`
  }

  /** All that publishers send to. */
  get queues(): readonly string[] {
    return [...this.partitions, this.large]
  }

  queueOf(key: string, sizeBytes: number): string {
    return sizeBytes > LARGE_BYTES ? this.large : this.#partition(hash32(key) % this.#options.partitions)
  }

  /** Makes the queues that are missing. Fails when one exists with other arguments. */
  async declare(channel: Channel): Promise<void> {
    await channel.assertQueue(this.dead, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': DEAD_LETTER_DELIVERY_LIMIT },
    })
    for (const queue of this.queues)
      await channel.assertQueue(queue, {
        durable: true,
        arguments: {
          'x-queue-type': 'quorum',
          'x-delivery-limit': DELIVERY_LIMIT,
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': this.dead,
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
          'x-max-length-bytes': this.#options.queueBytes,
        },
      })
  }

  /** The partitions that were declared when there were more of them: they are emptied, not forgotten. */
  async leftOver(model: ChannelModel): Promise<readonly string[]> {
    const found: string[] = []
    for (;;) {
      const partition = this.#partition(this.#options.partitions + found.length)
      if (!(await exists(model, partition))) return found
      found.push(partition)
    }
  }

  #partition(index: number): string {
    return `${this.#name}.${index}`
  }
}

async function exists(model: ChannelModel, queue: string): Promise<boolean> {
  // A queue that is not there costs the channel that asked.
  const channel = await model.createChannel()
  channel.on('error', () => undefined)
  try {
    await channel.checkQueue(queue)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 404) return false
    throw error
  }
  await channel.close()
  return true
}
