import { Unavailable, type ResultBus } from '@quarry/messaging-port'
import type { Channel, ConfirmChannel, GetMessage } from 'amqplib'
import type { Control } from './control.ts'
import type { Codec } from './encoding.ts'
import type { Topology } from './topology.ts'

/** A message that no consumer would take. */
export interface RabbitDeadLetter {
  readonly id: string
  /** The queue it lay in; a replay puts it back there. */
  readonly queue: string
  /** `rejected` by a consumer, or `delivery_limit` reached: consumers crashed on it, or failed for minutes. */
  readonly reason: string
  readonly sizeBytes: number
  /** Why it is no message that this version of the program understands; absent when it is one. */
  readonly problem?: string
}

/** A stream's codec and queues, as far as its dead letters concern. */
export interface Graveyard {
  readonly codec: Pick<Codec<unknown>, 'decode'>
  readonly topology: Topology
}

/** For operators: what lies in the queues of the dead, and putting it back. All methods throw `Unavailable`. */
export class RabbitDeadLetters {
  readonly #control: Control
  readonly #graveyards: Readonly<Record<keyof ResultBus, Graveyard>>

  constructor(control: Control, graveyards: Readonly<Record<keyof ResultBus, Graveyard>>) {
    this.#control = control
    this.#graveyards = graveyards
  }

  count(stream: keyof ResultBus): Promise<number> {
    const { dead } = this.#graveyards[stream].topology
    return this.#control.withChannel(
      (model) => model.createChannel(),
      async (channel) => (await channel.checkQueue(dead)).messageCount,
    )
  }

  /** The oldest of them, `max` at most; all stay where they are. */
  list(stream: keyof ResultBus, max: number): Promise<readonly RabbitDeadLetter[]> {
    const { codec, topology } = this.#graveyards[stream]
    return this.#control.withChannel(
      (model) => model.createChannel(),
      async (channel) => {
        const letters: RabbitDeadLetter[] = []
        for await (const letter of lettersOf(channel, topology.dead, max)) {
          const decoded = codec.decode(letter.content)
          letters.push({
            id: idOf(letter),
            queue: firstDeath(letter, 'queue'),
            reason: firstDeath(letter, 'reason'),
            sizeBytes: letter.content.length,
            ...(decoded.ok ? {} : { problem: decoded.error }),
          })
        }
        // The channel's end would return them, too, but at some time after its answer, and as failed deliveries.
        channel.nackAll(true)
        return letters
      },
    )
  }

  /**
   * Puts the oldest of them, `max` at most, back into their queues, with a clean record; how many. Each leaves the queue
   * of the dead when the other has confirmed it, so a failure in between leaves it in both, which consumers tell by id.
   */
  replay(stream: keyof ResultBus, max: number): Promise<number> {
    const { dead } = this.#graveyards[stream].topology
    return this.#control.withChannel(
      (model) => model.createConfirmChannel(),
      async (channel) => {
        let returned = false
        channel.on('return', () => (returned = true))
        let count = 0
        // Those that die again meanwhile are not replayed once more.
        for await (const letter of lettersOf(channel, dead, max)) {
          const queue = firstDeath(letter, 'queue')
          await republish(channel, queue, letter)
          if (returned) throw new Unavailable(`the queue ${queue} is gone; declare it, then replay`)
          channel.ack(letter)
          count += 1
        }
        return count
      },
    )
  }
}

/** Takes messages one by one, as many as there are now and `max` at most, without acknowledging them. */
async function* lettersOf(channel: Channel, queue: string, max: number): AsyncGenerator<GetMessage> {
  const { messageCount } = await channel.checkQueue(queue)
  for (let taken = 0; taken < Math.min(max, messageCount); taken += 1) {
    const letter = await channel.get(queue)
    if (letter === false) return
    yield letter
  }
}

function republish(channel: ConfirmChannel, queue: string, letter: GetMessage): Promise<void> {
  const properties = { persistent: true, mandatory: true, messageId: idOf(letter) }
  return new Promise((resolve, reject) => {
    channel.publish('', queue, letter.content, properties, (error: unknown) => {
      if (error === null) resolve()
      else reject(error instanceof Error ? error : new Error('it was not confirmed'))
    })
  })
}

function idOf({ properties }: GetMessage): string {
  const id: unknown = properties.messageId
  return typeof id === 'string' ? id : ''
}

function firstDeath(letter: GetMessage, what: 'queue' | 'reason'): string {
  const value: unknown = letter.properties.headers?.[`x-first-death-${what}`]
  return typeof value === 'string' ? value : ''
}
