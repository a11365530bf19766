import { Unavailable, WrongCredentials } from '@quarry/messaging-port'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RabbitAddress } from './address.ts'
import type { OnRabbitEvent } from './events.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** A broker that does not answer a farewell within this time is left without one. */
const FAREWELL_MS = 2_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** A session that lasted this long starts the pauses from the shortest again. */
const LASTING_MS = 10_000

/** Opens a connection; throws `Unavailable`, with host and reason, and `WrongCredentials` when the broker refuses them. */
export async function openConnection(address: RabbitAddress, name: string): Promise<ChannelModel> {
  try {
    const options = {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: `quarry ${name}` },
    }
    const model = await connect(address.connect, options)
    // Whoever uses the connection hears of its end by `close`; without a listener, an error would end the process.
    model.on('error', () => undefined)
    return model
  } catch (error) {
    const { vhost, username } = address.connect
    if (/\bACCESS[-_]REFUSED\b/.test(reasonOf(error)))
      throw new WrongCredentials(`RabbitMQ at ${address.shown} refused to log in as ${username}`)
    // The library drops the broker's own words here.
    const reason = reasonOf(error).startsWith('Expected ConnectionOpenOk')
      ? `the virtual host ${vhost} does not exist, or is closed to ${username}`
      : reasonOf(error)
    throw new Unavailable(`RabbitMQ at ${address.shown} cannot be used: ${reason}`)
  }
}

/** Says goodbye, to a broker that still listens. */
export async function closeConnection(model: ChannelModel): Promise<void> {
  const closed = model.close().catch(() => undefined)
  await Promise.race([closed, sleep(FAREWELL_MS, undefined, { ref: false })])
}

/**
 * One connection with one channel, which live and die together: after any surprise on either, both are let go of and
 * opened anew, so that no state of theirs outlives a doubt.
 */
export class Session<C extends Channel> {
  readonly model: ChannelModel
  readonly channel: C
  /** Resolves with the reason when connection or channel are gone. */
  readonly ended: Promise<string>
  readonly #end: (reason: string) => void
  #reason = 'it was closed'

  private constructor(model: ChannelModel, channel: C) {
    this.model = model
    this.channel = channel
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#end = resolve
    for (const emitter of [model, channel]) {
      emitter.on('error', (error: unknown) => (this.#reason = reasonOf(error)))
      emitter.on('close', (error?: unknown) => {
        if (error !== undefined) this.#reason = reasonOf(error)
        resolve(this.#reason)
      })
    }
  }

  /** Opens both and calls `prepare`, which must end with an answer of the broker: it proves that they still live. */
  static async open<C extends Channel>(opening: SessionOpening<C>): Promise<Session<C>> {
    const model = await openConnection(opening.address, opening.name)
    model.on('blocked', (reason: string) => opening.onBlocked?.(reason))
    model.on('unblocked', () => opening.onBlocked?.(undefined))
    try {
      const session = new Session(model, await opening.channelOf(model))
      await opening.prepare(session)
      return session
    } catch (error) {
      void closeConnection(model)
      throw error
    }
  }

  /** Lets go of channel and connection, the first first: so acknowledgements that were sent still arrive. */
  async close(reason?: string): Promise<void> {
    if (reason !== undefined) this.#reason = reason
    const channelClosed = this.channel.close().catch(() => undefined)
    await Promise.race([channelClosed, sleep(FAREWELL_MS, undefined, { ref: false })])
    await closeConnection(this.model)
    this.#end(this.#reason)
  }
}

export interface SessionOpening<C extends Channel> {
  readonly address: RabbitAddress
  readonly name: string
  channelOf(model: ChannelModel): Promise<C>
  prepare(session: Session<C>): Promise<void>
  onBlocked?(reason: string | undefined): void
}

export interface KeepOpen<C extends Channel> {
  readonly opening: SessionOpening<C>
  /** Ends the keeping, and the session that is open then. */
  readonly signal: AbortSignal
  readonly onEvent: OnRabbitEvent
  onOpen(session: Session<C>): void
  onEnded(session: Session<C>): void
}

/** Keeps a session open: whenever it is lost, or cannot be opened, another one is tried after a pause. */
export async function keepOpen<C extends Channel>({ opening, signal, onEvent, ...keep }: KeepOpen<C>): Promise<void> {
  const connection = opening.name
  for (let failures = 0; !signal.aborted; failures += 1) {
    const since = performance.now()
    try {
      const session = await Session.open(opening)
      onEvent({ kind: 'connected', connection })
      const close = (): void => void session.close()
      signal.addEventListener('abort', close)
      if (signal.aborted) close()
      keep.onOpen(session)
      const reason = await session.ended
      signal.removeEventListener('abort', close)
      keep.onEnded(session)
      void session.close()
      if (!signal.aborted) onEvent({ kind: 'disconnected', connection, reason })
    } catch (error) {
      if (!signal.aborted) onEvent({ kind: 'disconnected', connection, reason: reasonOf(error) })
    }
    if (performance.now() - since > LASTING_MS) failures = 0
    await sleep(pauseMs(failures), undefined, { signal }).catch(() => undefined)
  }
}

/** Doubling, and spread by half, so that not everybody comes back at once. */
function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
