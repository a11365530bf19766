import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib'
import type { RunResult } from '@quarry/domain'

/** RabbitMQ as any program may use it, past our own encoding: for messages that ours would never send. */
export class RawBus {
  readonly #model: ChannelModel
  readonly #channel: ConfirmChannel

  private constructor(model: ChannelModel, channel: ConfirmChannel) {
    this.#model = model
    this.#channel = channel
  }

  static async open(url: string): Promise<RawBus> {
    const model = await connect(url)
    model.on('error', () => undefined)
    return new RawBus(model, await model.createConfirmChannel())
  }

  async send(queue: string, messageId: string, content: Buffer): Promise<void> {
    this.#channel.sendToQueue(queue, content, { messageId, persistent: true })
    await this.#channel.waitForConfirms()
  }

  /** Messages that wait in these queues, without those that a consumer has in hand. */
  async waiting(...queues: string[]): Promise<number> {
    const counts = await Promise.all(queues.map((queue) => this.#channel.checkQueue(queue)))
    return counts.reduce((sum, { messageCount }) => sum + messageCount, 0)
  }

  async close(): Promise<void> {
    await this.#model.close()
  }
}

/** A result as it lies in the queue: layout, whether a body follows, the envelope's length, envelope, body. */
export function framed(run: RunResult, { v = 1, layout = 1, body = 'page' } = {}): Buffer {
  const envelope = Buffer.from(JSON.stringify({ v, run }))
  const head = Buffer.alloc(6)
  head[0] = layout
  head[1] = body === '' ? 0 : 1
  head.writeUInt32BE(envelope.length, 2)
  return Buffer.concat([head, envelope, Buffer.from(body)])
}
