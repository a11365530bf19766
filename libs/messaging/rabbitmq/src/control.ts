import { Unavailable, WrongCredentials } from '@quarry/messaging-port'
import type { Channel, ChannelModel } from 'amqplib'
import type { RabbitAddress } from './address.ts'
import { closeConnection, openConnection } from './session.ts'

/**
 * A connection for questions and for an operator's commands, opened when it is needed and let go of after any failure.
 * It carries no traffic, so an alarm that holds publishers up does not hold up the answers.
 */
export class Control {
  readonly #address: RabbitAddress
  #model: Promise<ChannelModel> | undefined
  #closed = false

  constructor(address: RabbitAddress) {
    this.#address = address
  }

  /** Lends a channel of its own to `use`; what that leaves unacknowledged returns to its queue. Throws `Unavailable` and, where a connection is opened, `WrongCredentials`. */
  async withChannel<C extends Channel, R>(
    create: (model: ChannelModel) => Promise<C>,
    use: (channel: C) => Promise<R>,
  ): Promise<R> {
    if (this.#closed) throw new Unavailable('the bus is closed')
    const opening = (this.#model ??= this.#open())
    try {
      const channel = await create(await opening)
      channel.on('error', () => undefined)
      const result = await use(channel)
      await channel.close()
      return result
    } catch (error) {
      await this.#drop(opening)
      if (error instanceof Unavailable || error instanceof WrongCredentials) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new Unavailable(`RabbitMQ at ${this.#address.shown} does not do as asked: ${reason}`)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#model !== undefined) await this.#drop(this.#model)
  }

  async #open(): Promise<ChannelModel> {
    const model = await openConnection(this.#address, 'control')
    const opening = this.#model
    model.on('close', () => {
      if (this.#model === opening) this.#model = undefined
    })
    return model
  }

  async #drop(opening: Promise<ChannelModel>): Promise<void> {
    if (this.#model === opening) this.#model = undefined
    // Who could not open it has been told so.
    await opening.then(closeConnection).catch(() => undefined)
  }
}
