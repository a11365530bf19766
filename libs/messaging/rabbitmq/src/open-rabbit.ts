import { Unavailable, type ResultBus } from '@quarry/messaging-port'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress } from './address.ts'
import { Control } from './control.ts'
import { resultCodec, settlementCodec } from './encoding.ts'
import type { OnRabbitEvent } from './events.ts'
import { RabbitDeadLetters } from './rabbit-dead-letters.ts'
import { RabbitResultBus } from './rabbit-result-bus.ts'
import { RabbitStream } from './rabbit-stream.ts'
import { DEFAULT_QUEUE_BYTES, Topology } from './topology.ts'

const DEFAULT_PARTITIONS = 2
const DEFAULT_WINDOW_MESSAGES = 128
const DEFAULT_PUBLISH_TIMEOUT_MS = 30_000
/** Two of the largest pages; of the usual ones, the window's count bounds sooner. */
const WINDOW_BYTES = 24 * 1024 * 1024
const CHECK_TIMEOUT_MS = 5_000

export interface RabbitOptions {
  /** Put before the name of every queue. Default: nothing; a virtual host of its own is the better fence. */
  readonly prefix?: string
  /**
   * Queues per stream, besides the one for large messages; those of one customer (or escrow account) share one. Default 2. All publishers should agree,
   * but nothing is lost when they do not: whoever consumes empties the partitions of a larger number, too, if they exist
   * when it connects. To raise it, restart the publishers first and the consumers after them.
   */
  readonly partitions?: number
  /** Messages sent and not yet confirmed, at most, per stream. Default 128. */
  readonly windowMessages?: number
  /** How long a publish may take: when the broker is away, blocked or slow. Default 30 s. */
  readonly publishTimeoutMs?: number
  /** What a queue holds before it refuses publishers. Fixed once the queues exist. Default 8 GiB. */
  readonly queueBytes?: number
  readonly onEvent?: OnRabbitEvent
}

export interface Rabbit {
  readonly bus: ResultBus
  readonly deadLetters: RabbitDeadLetters
  /** Resolves when the broker answers; otherwise throws `Unavailable`, after five seconds at most. */
  check(): Promise<void>
  /** Lets go of all connections. Stop consuming before: what is in hand is delivered again elsewhere. */
  close(): Promise<void>
}

/**
 * Signs in, makes the queues that are missing, and opens the bus. Throws `Unavailable`, with host and reason, when the
 * broker cannot be reached or has these queues with other arguments, `WrongCredentials` when it refuses them. Once open,
 * it finds its way back by itself.
 */
export async function openRabbit(url: string, options: RabbitOptions = {}): Promise<Rabbit> {
  const address = parseAddress(url)
  const control = new Control(address)
  const topologyOptions = {
    prefix: options.prefix ?? '',
    partitions: options.partitions ?? DEFAULT_PARTITIONS,
    queueBytes: options.queueBytes ?? DEFAULT_QUEUE_BYTES,
  }
  const topologies = {
    results: new Topology('results', topologyOptions),
    settlements: new Topology('settlements', topologyOptions),
  }
  try {
    await control.withChannel(
      (model) => model.createChannel(),
      async (channel) => {
        for (const topology of Object.values(topologies)) await topology.declare(channel)
      },
    )
  } catch (error) {
    await control.close()
    throw error
  }
  const shared = {
    address,
    control,
    publishing: {
      windowMessages: options.windowMessages ?? DEFAULT_WINDOW_MESSAGES,
      windowBytes: WINDOW_BYTES,
      timeoutMs: options.publishTimeoutMs ?? DEFAULT_PUBLISH_TIMEOUT_MS,
    },
    onEvent: options.onEvent ?? (() => undefined),
  }
  const bus = new RabbitResultBus(
    new RabbitStream({ ...shared, codec: resultCodec, topology: topologies.results }),
    new RabbitStream({ ...shared, codec: settlementCodec, topology: topologies.settlements }),
  )
  const deadLetters = new RabbitDeadLetters(control, {
    results: { codec: resultCodec, topology: topologies.results },
    settlements: { codec: settlementCodec, topology: topologies.settlements },
  })
  return {
    bus,
    deadLetters,
    check: () => withinTime(deadLetters.count('results')),
    close: async () => {
      await bus.close()
      await control.close()
    },
  }
}

async function withinTime(answer: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  const late = sleep(CHECK_TIMEOUT_MS, 'late', { signal: timer.signal }).catch(() => 'cancelled')
  try {
    if ((await Promise.race([answer, late])) === 'late') throw new Unavailable('RabbitMQ does not answer')
  } finally {
    timer.abort()
    answer.catch(() => undefined)
  }
}
