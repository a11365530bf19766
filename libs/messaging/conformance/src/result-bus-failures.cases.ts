import type { ResultMessage } from '@quarry/contracts'
import { Unavailable } from '@quarry/messaging-port'
import { expect, test } from 'vitest'
import type { OpenBus, ResultBusCapabilities } from './result-bus-bench.ts'
import { resultFixture, resultFixtures } from './message-fixture.ts'
import { repsOf } from './result-bus-bench.ts'

const POISON = 13

/** Consumers that refuse, vanish or throw, and messages that nobody can take. */
export function failureCases(open: OpenBus, capabilities: ResultBusCapabilities): void {
  test('a rejected batch is delivered again', async () => {
    const { publisher, consumer, limits, until, harness } = await open()
    const handled: ResultMessage[] = []
    const seen: ResultMessage[] = []
    let failures = 0
    await consumer.results.consume(limits({ maxMessages: 4 }), async (batch) => {
      seen.push(...batch)
      if (failures < 2) {
        failures += 1
        throw new Error('planted by the test')
      }
      handled.push(...batch)
    })
    const published = publisher.results.publish(resultFixtures(8))
    await until('all messages', () => repsOf(handled).length === 8)
    await published
    expect(seen.length).toBeGreaterThan(8)
    expect(await harness.deadLetters('results')).toBe(0)
  })

  test('an engine that is down is no message’s fault, however often it fails while others succeed', async () => {
    const { publisher, consumer, limits, until, harness } = await open()
    const handled: ResultMessage[] = []
    let failures = 0
    await consumer.results.consume(limits({ maxMessages: 1 }), async (batch) => {
      if (repsOf(batch)[0] === POISON && failures < 8) {
        failures += 1
        throw new Unavailable('planted by the test')
      }
      handled.push(...batch)
    })
    const published = publisher.results.publish(resultFixtures(20))
    await until('all messages', () => repsOf(handled).length === 20)
    await published
    expect(failures).toBe(8)
    expect(await harness.deadLetters('results')).toBe(0)
  })

  test('a handler that throws before it returns a promise is a rejection like any other', async () => {
    const { publisher, consumer, limits, until } = await open()
    const handled: ResultMessage[] = []
    let failed = false
    await consumer.results.consume(limits(), (batch) => {
      if (!failed) {
        failed = true
        throw new Error('planted by the test')
      }
      handled.push(...batch)
      return Promise.resolve()
    })
    const published = publisher.results.publish([resultFixture(1)])
    await until('the message', () => handled.length > 0)
    await published
  })

  test('what one consumer rejects, another may take', async () => {
    const { publisher, consumer, limits, until } = await open()
    const handled: ResultMessage[] = []
    let failures = 0
    const stop = await consumer.results.consume(limits(), async () => {
      failures += 1
      throw new Error('planted by the test')
    })
    const published = publisher.results.publish(resultFixtures(3))
    await until('a failure', () => failures > 0)
    await stop()
    await publisher.results.consume(limits(), async (batch) => void handled.push(...batch))
    await until('all messages', () => repsOf(handled).length === 3)
    await published
  })

  test('a message that no consumer can take becomes a dead letter, alone, and holds nobody up', async () => {
    const { publisher, consumer, limits, until, harness } = await open()
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits({ maxMessages: 10 }), async (batch) => {
      if (batch.some((message) => message.run.rep === POISON)) throw new Error('planted by the test')
      handled.push(...batch)
    })
    const published = publisher.results.publish(resultFixtures(30))
    await until('the others', () => repsOf(handled).length === 29)
    await until('the dead letter', async () => (await harness.deadLetters('results')) === 1)
    await published
    expect(repsOf(handled)).not.toContain(POISON)
    const next = publisher.results.publish([resultFixture(100)])
    await until('the message after it', () => repsOf(handled).includes(100))
    await next
    await until('an empty stream', async () => (await publisher.results.backlog()) === 0)
    expect(await harness.deadLetters('settlements')).toBe(0)
  })

  if (capabilities.clientsVanish)
    test('what a consumer that vanished had in hand is delivered to another', async () => {
      const { publisher, clients, limits, until } = await open()
      const [, doomed] = clients
      const inHand: ResultMessage[] = []
      await doomed.bus.results.consume(limits({ maxMessages: 5 }), (batch) => {
        inHand.push(...batch)
        return new Promise(() => undefined)
      })
      const published = publisher.results.publish(resultFixtures(5))
      await until('a batch in hand', () => inHand.length > 0)
      await doomed.vanish()
      const handled: ResultMessage[] = []
      await publisher.results.consume(limits(), async (batch) => void handled.push(...batch))
      await until('all messages', () => repsOf(handled).length === 5)
      await published
    })
}
