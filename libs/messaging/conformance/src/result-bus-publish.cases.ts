import type { ResultMessage, SettlementMessage } from '@quarry/contracts'
import { expect, test } from 'vitest'
import type { OpenBus, ResultBusCapabilities } from './result-bus-bench.ts'
import { resultFixture, resultFixtures, settlementFixture } from './message-fixture.ts'
import { gate, repsOf } from './result-bus-bench.ts'

/** From `publish` to its confirmation. */
export function publishCases(open: OpenBus, capabilities: ResultBusCapabilities): void {
  test('a message arrives whole, its body byte by byte', async () => {
    const { publisher, consumer, limits, until } = await open()
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits(), async (batch) => void handled.push(...batch))
    const bodiless = resultFixture(2)
    const sent = [resultFixture(1, 65_536), { v: bodiless.v, run: bodiless.run }]
    const published = publisher.results.publish(sent)
    await until('both messages', () => handled.length >= 2)
    await published
    const byRep = [...handled].sort((a, b) => a.run.rep - b.run.rep)
    expect(byRep.map((message) => message.run)).toEqual(sent.map((message) => message.run))
    expect(Buffer.compare(byRep[0]?.body ?? Buffer.alloc(0), resultFixture(1, 65_536).body ?? Buffer.alloc(0))).toBe(0)
    expect(byRep[1]?.body).toBeUndefined()
  })

  test('settlements have a stream of their own, which a blocked consumer of results does not hold up', async () => {
    const { publisher, consumer, limits, until } = await open()
    const blocked = gate()
    await consumer.results.consume(limits(), () => blocked.opened)
    const settled: SettlementMessage[] = []
    await consumer.settlements.consume(limits(), async (batch) => void settled.push(...batch))
    const results = publisher.results.publish([resultFixture(1)])
    const settlements = publisher.settlements.publish([settlementFixture(1)])
    await until('the settlement', () => settled.length > 0)
    await settlements
    expect(settled).toEqual([settlementFixture(1)])
    blocked.open()
    await until('the end of the results', async () => (await publisher.results.backlog()) === 0)
    await results
  })

  test('what is published before anybody consumes is delivered later', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const published = publisher.results.publish(resultFixtures(5))
    await harness.pass(tickMs)
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits(), async (batch) => void handled.push(...batch))
    await until('all five', () => repsOf(handled).length === 5)
    await published
    expect(repsOf(handled)).toEqual([0, 1, 2, 3, 4])
  })

  test('publishing nothing is confirmed at once', async () => {
    const { publisher } = await open()
    await publisher.results.publish([])
    expect(await publisher.results.backlog()).toBe(0)
  })

  test('a publisher that does not know the outcome publishes again, and both times it is confirmed', async () => {
    const { publisher, consumer, limits, until } = await open()
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits(), async (batch) => void handled.push(...batch))
    const again = [publisher.results.publish([resultFixture(1)]), publisher.results.publish([resultFixture(1)])]
    await until('the message', () => handled.length > 0)
    await Promise.all(again)
    const later = publisher.results.publish([resultFixture(1)])
    await until('an empty stream', async () => (await publisher.results.backlog()) === 0)
    await later
    expect(repsOf(handled)).toEqual([1])
  })

  test('a publish is one answer for all its messages, however many batches they make', async () => {
    const { publisher, consumer, limits, until } = await open()
    const handled: ResultMessage[] = []
    await consumer.results.consume(
      limits({ maxMessages: 7, maxBatches: 3 }),
      async (batch) => void handled.push(...batch),
    )
    const published = Promise.all(
      [0, 1, 2, 3].map((publication) => publisher.results.publish(resultFixtures(800, publication * 800))),
    )
    await until('3,200 messages', () => handled.length >= 3_200)
    await published
    expect(repsOf(handled)).toHaveLength(3_200)
  })

  test('a list of messages may be reused by its publisher after the call', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const messages = resultFixtures(3)
    const published = publisher.results.publish(messages)
    messages.length = 0
    await harness.pass(tickMs / 5)
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits(), async (batch) => void handled.push(...batch))
    await until('three messages', () => repsOf(handled).length === 3)
    await published
  })

  if (capabilities.confirmedBy === 'consumer')
    test('a publish is not confirmed before its consumer has acknowledged every message', async () => {
      const { harness, publisher, consumer, limits, until, tickMs } = await open()
      const blocked = gate()
      let handled = 0
      await consumer.results.consume(limits({ maxMessages: 2, maxBatches: 2 }), async (batch) => {
        if (batch.some((message) => message.run.rep === 3)) await blocked.opened
        handled += batch.length
      })
      let confirmed = false
      const published = publisher.results.publish(resultFixtures(4)).then(() => (confirmed = true))
      await until('the other batch', () => handled === 2)
      await harness.pass(tickMs)
      expect(confirmed).toBe(false)
      blocked.open()
      await published
      expect(handled).toBe(4)
    })
}
