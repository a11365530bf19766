import type { ResultMessage } from '@quarry/contracts'
import type { BatchLimits, ResultBus } from '@quarry/messaging-port'
import { onTestFinished } from 'vitest'
import type { PassingTime, TimeKind } from './waiting.ts'
import { eventually, tickOf } from './waiting.ts'

/** One service's connection to the bus. */
export interface ResultBusClient {
  readonly bus: ResultBus
  /** Goes away without a word, as a killed process does; its unfinished batches are nobody's any more. */
  vanish(): Promise<void>
}

/** One bus, empty at first. */
export interface ResultBusHarness extends PassingTime {
  connect(): Promise<ResultBusClient>
  deadLetters(stream: keyof ResultBus): Promise<number>
  close(): Promise<void>
}

export interface ResultBusCapabilities {
  readonly time: TimeKind
  /** `consumer`: a publish is confirmed when its consumer has acknowledged. `broker`: when the bus holds it safely. */
  readonly confirmedBy: 'consumer' | 'broker'
  /** Whether a consumer can go away without its whole bus. */
  readonly clientsVanish: boolean
}

/** What a test needs: two connections, and what has been handled so far. */
export interface ResultBusBench {
  readonly harness: ResultBusHarness
  readonly capabilities: ResultBusCapabilities
  readonly clients: readonly [ResultBusClient, ResultBusClient]
  /** A bus for publishing and one for consuming. */
  readonly publisher: ResultBus
  readonly consumer: ResultBus
  readonly tickMs: number
  limits(more?: Partial<BatchLimits>): BatchLimits
  until(what: string, done: () => boolean | Promise<boolean>): Promise<void>
}

export type OpenBus = () => Promise<ResultBusBench>

/** The repetitions of messages, each once, in order. */
export function repsOf(messages: Iterable<ResultMessage>): number[] {
  return [...new Set([...messages].map((message) => message.run.rep))].sort((a, b) => a - b)
}

/** A promise that the test settles when it likes. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { opened: promise, open: () => resolve(undefined) }
}

/** Opens a bus with its clients; the test closes them when it ends. */
export async function benchOf(
  open: () => Promise<ResultBusHarness>,
  capabilities: ResultBusCapabilities,
): Promise<ResultBusBench> {
  const harness = await open()
  onTestFinished(() => harness.close())
  const clients = [await harness.connect(), await harness.connect()] as const
  const tickMs = tickOf(capabilities.time)
  return {
    harness,
    capabilities,
    clients,
    publisher: clients[0].bus,
    consumer: clients[1].bus,
    tickMs,
    limits: (more = {}) => ({ maxMessages: 100, maxWaitMs: 0, maxBatches: 1, ...more }),
    until: async (what, done) => {
      await eventually(harness, { what, stepMs: tickMs / 5 }, async () => ((await done()) ? true : undefined))
    },
  }
}
