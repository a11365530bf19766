import { Unavailable, UnknownOutcome } from '@quarry/messaging-port'
import type { ConfirmChannel, Message } from 'amqplib'

export interface Outgoing {
  readonly queue: string
  readonly id: string
  readonly sizeBytes: number
  encode(): Buffer
}

export interface PublisherOptions {
  /** Messages sent and not yet confirmed, at most. */
  readonly windowMessages: number
  /** The same in bytes; a single message may exceed it when it is alone. */
  readonly windowBytes: number
  /** How long one call of `publish` may take in all. */
  readonly timeoutMs: number
}

/** One call of `publish`, until all of its messages are confirmed or one is not. */
interface Publication {
  readonly outgoing: readonly Outgoing[]
  /** How many have been sent; the rest waits for room in the window. */
  sent: number
  confirmed: number
  settled: boolean
  readonly timer: NodeJS.Timeout
  readonly confirm: () => void
  readonly refuse: (reason: Error) => void
}

interface InFlight {
  readonly publication: Publication
  readonly outgoing: Outgoing
  returned: boolean
}

/**
 * Sends messages over the channel that it is given, in the order of the calls, so many at a time. While there is no
 * channel, or the broker is blocked, messages wait with their publishers, who hear `Unavailable` when it takes too long.
 * What was sent but not confirmed when the channel ended is `UnknownOutcome`; it is not sent again by itself.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #waiting = new Set<Publication>()
  readonly #inFlight = new Map<string, InFlight>()
  #inFlightBytes = 0
  #sequence = 0
  #channel: ConfirmChannel | undefined
  #blocked: string | undefined
  #closed = false

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Messages of this process that are not confirmed. */
  get unconfirmed(): number {
    let waiting = 0
    for (const { outgoing, sent } of this.#waiting) waiting += outgoing.length - sent
    return waiting + this.#inFlight.size
  }

  /** Listens for messages that no queue takes; to be called before the channel is used. */
  listenTo(channel: ConfirmChannel): void {
    channel.on('return', ({ properties }: Message) => {
      const entry = this.#inFlight.get(String(properties.correlationId))
      if (entry !== undefined) entry.returned = true
    })
  }

  attach(channel: ConfirmChannel): void {
    this.#channel = channel
    this.#blocked = undefined
    this.#pump()
  }

  /** Whatever the channel had not confirmed has been answered when this is called. */
  detach(): void {
    this.#channel = undefined
  }

  /** The broker's word that it takes no messages, and why; `undefined` when it does again. */
  block(reason: string | undefined): void {
    this.#blocked = reason
    this.#pump()
  }

  publish(outgoing: readonly Outgoing[]): Promise<void> {
    if (this.#closed) return Promise.reject(new Unavailable('the bus is closed'))
    if (outgoing.length === 0) return Promise.resolve()
    return new Promise((confirm, refuse) => {
      const timer = setTimeout(() => this.#giveUp(publication), this.#options.timeoutMs)
      const publication: Publication = { outgoing, sent: 0, confirmed: 0, settled: false, timer, confirm, refuse }
      this.#waiting.add(publication)
      this.#pump()
    })
  }

  /** Ends with an answer for everybody: unknown for what is under way, unavailable for the rest. */
  close(): void {
    this.#closed = true
    for (const publication of this.#waiting) this.#giveUp(publication)
    for (const { publication } of this.#inFlight.values()) this.#giveUp(publication)
  }

  #pump(): void {
    for (const publication of this.#waiting) {
      for (let next = publication.outgoing[publication.sent]; next; next = publication.outgoing[publication.sent]) {
        if (this.#channel === undefined || this.#blocked !== undefined || !this.#hasRoom(next)) return
        const content = this.#encoded(publication, next)
        if (content === undefined) break
        if (!this.#send(this.#channel, publication, { outgoing: next, content })) return
      }
      this.#waiting.delete(publication)
    }
  }

  #hasRoom(outgoing: Outgoing): boolean {
    if (this.#inFlight.size === 0) return true
    const { windowMessages, windowBytes } = this.#options
    return this.#inFlight.size < windowMessages && this.#inFlightBytes + outgoing.sizeBytes <= windowBytes
  }

  /** A message that cannot be written is its publisher's mistake, and nobody else's trouble. */
  #encoded(publication: Publication, outgoing: Outgoing): Buffer | undefined {
    try {
      return outgoing.encode()
    } catch (error) {
      this.#refuse(publication, error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }

  /** Whether the channel took it: one that has ended throws, and its successor will be attached. */
  #send(channel: ConfirmChannel, publication: Publication, what: { outgoing: Outgoing; content: Buffer }): boolean {
    const { outgoing, content } = what
    this.#sequence += 1
    const correlationId = String(this.#sequence)
    const properties = { persistent: true, mandatory: true, messageId: outgoing.id, correlationId }
    try {
      channel.publish('', outgoing.queue, content, properties, (error: unknown) => this.#answer(correlationId, error))
    } catch {
      this.#channel = undefined
      return false
    }
    publication.sent += 1
    this.#inFlight.set(correlationId, { publication, outgoing, returned: false })
    this.#inFlightBytes += outgoing.sizeBytes
    return true
  }

  #answer(correlationId: string, error: unknown): void {
    const entry = this.#inFlight.get(correlationId)
    if (entry === undefined) return
    this.#inFlight.delete(correlationId)
    this.#inFlightBytes -= entry.outgoing.sizeBytes
    const { publication, outgoing, returned } = entry
    if (returned) this.#refuse(publication, new Unavailable(`RabbitMQ has no queue ${outgoing.queue}`))
    else if (error === null) this.#confirm(publication)
    else if (error instanceof Error && error.message === 'message nacked')
      this.#refuse(publication, new Unavailable(`RabbitMQ refuses messages for ${outgoing.queue}: it is full`))
    else this.#refuse(publication, new UnknownOutcome('the connection to RabbitMQ was lost before the confirmation'))
    this.#pump()
  }

  #confirm(publication: Publication): void {
    publication.confirmed += 1
    if (publication.confirmed < publication.outgoing.length || publication.settled) return
    publication.settled = true
    clearTimeout(publication.timer)
    publication.confirm()
  }

  #giveUp(publication: Publication): void {
    const underWay = publication.sent > publication.confirmed
    const state = this.#channel === undefined ? 'there is no connection' : (this.#blocked ?? 'it is slow')
    const { timeoutMs } = this.#options
    const what = this.#closed ? 'the bus was closed' : `RabbitMQ did not confirm within ${timeoutMs} ms: ${state}`
    this.#refuse(publication, underWay ? new UnknownOutcome(what) : new Unavailable(what))
  }

  #refuse(publication: Publication, reason: Error): void {
    this.#waiting.delete(publication)
    if (publication.settled) return
    publication.settled = true
    clearTimeout(publication.timer)
    publication.refuse(reason)
  }
}
