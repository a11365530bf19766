import { resultFixture } from '@quarry/messaging-conformance'
import type { ResultMessage } from '@quarry/contracts'
import { onTestFinished } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RabbitEvent } from '../src/events.ts'
import { openRabbit, type Rabbit, type RabbitOptions } from '../src/open-rabbit.ts'
import { deleteQueues, scratchPrefix } from './scratch-queues.ts'
import { TcpProxy } from './tcp-proxy.ts'

export const limits = { maxMessages: 20, maxWaitMs: 5, maxBatches: 4 }

/** A bus behind a way that the test may cut, with queues of its own; everything goes when the test ends. */
export async function benchOf(url: string, options: RabbitOptions = {}) {
  const prefix = options.prefix ?? scratchPrefix()
  const proxy = await TcpProxy.to(url)
  const events: RabbitEvent[] = []
  const rabbit = await openRabbit(proxy.url, { ...options, prefix, onEvent: (event) => events.push(event) })
  onTestFinished(async () => {
    await rabbit.close()
    await proxy.close()
    await deleteQueues(url, prefix)
  })
  return { url, prefix, proxy, events, rabbit, ...rabbit.bus }
}

/** A result of one of many customers, so that all partitions have some. */
export function resultOf(rep: number, bodyBytes?: number): ResultMessage {
  const message = resultFixture(rep, bodyBytes)
  return { ...message, run: { ...message.run, customerId: `customer-${rep % 16}` } }
}

/** Waits until it is so; fails after a while with what is awaited. */
export async function until(what: string, done: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await sleep(20)
  }
}

/** Publishes `count` results one by one, as often as it takes for each; how often the outcome was unknown. */
export async function publishStubbornly(rabbit: Rabbit, count: number): Promise<{ unknown: number; refused: number }> {
  const seen = { unknown: 0, refused: 0 }
  let next = 0
  const publisher = async (): Promise<void> => {
    while (next < count) {
      const rep = next
      next += 1
      for (let confirmed = false; !confirmed;) {
        try {
          await rabbit.bus.results.publish([resultOf(rep)])
          confirmed = true
        } catch (error) {
          if (!(error instanceof Error)) throw error
          if (error.name === 'UnknownOutcome') seen.unknown += 1
          else if (error.name === 'Unavailable') seen.refused += 1
          else throw error
        }
      }
    }
  }
  await Promise.all(Array.from({ length: 64 }, publisher))
  return seen
}
