import type { ResultMessage } from '@quarry/contracts'
import { expect, test } from 'vitest'
import type { OpenBus } from './result-bus-bench.ts'
import { resultFixture, resultFixtures } from './message-fixture.ts'
import { gate, repsOf } from './result-bus-bench.ts'
import { LONG_MS } from './waiting.ts'

/** How batches close, how many are in hand, and how consuming ends. */
export function batchCases(open: OpenBus): void {
  test('a batch closes by size, without waiting', async () => {
    const { publisher, consumer, limits, until } = await open()
    const sizes: number[] = []
    await consumer.results.consume(limits({ maxMessages: 5, maxWaitMs: LONG_MS }), async (batch) => {
      sizes.push(batch.length)
    })
    const published = publisher.results.publish(resultFixtures(10))
    await until('two batches', () => sizes.length >= 2)
    await published
    expect(sizes).toEqual([5, 5])
  })

  test('a batch that stays small closes when its first message has waited', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const batches: ResultMessage[][] = []
    await consumer.results.consume(limits({ maxWaitMs: 8 * tickMs }), async (batch) => void batches.push([...batch]))
    const first = publisher.results.publish([resultFixture(1)])
    await harness.pass(tickMs)
    const second = publisher.results.publish([resultFixture(2)])
    await until('a batch', () => batches.length > 0)
    await Promise.all([first, second])
    expect(batches.map(repsOf)).toEqual([[1, 2]])
  })

  test('with no wait allowed, a single message goes to an idle consumer by itself', async () => {
    const { publisher, consumer, limits, until } = await open()
    const sizes: number[] = []
    await consumer.results.consume(limits({ maxWaitMs: 0 }), async (batch) => void sizes.push(batch.length))
    for (let rep = 0; rep < 3; rep += 1) {
      const published = publisher.results.publish([resultFixture(rep)])
      await until('the message', () => sizes.length === rep + 1)
      await published
    }
    expect(sizes).toEqual([1, 1, 1])
  })

  test('a slow consumer is given no more than its batches at once; the rest waits, and is counted', async () => {
    const { harness, publisher, consumer, limits, until, tickMs, capabilities } = await open()
    const blocked = gate()
    let [inHand, mostInHand, mostBatches, batches] = [0, 0, 0, 0]
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits({ maxMessages: 5, maxBatches: 2 }), async (batch) => {
      inHand += batch.length
      batches += 1
      mostInHand = Math.max(mostInHand, inHand)
      mostBatches = Math.max(mostBatches, batches)
      await blocked.opened
      inHand -= batch.length
      batches -= 1
      handled.push(...batch)
    })
    const published = publisher.results.publish(resultFixtures(100))
    await until('two batches in hand', () => batches === 2)
    await harness.pass(tickMs)
    expect(inHand).toBeLessThanOrEqual(10)
    if (capabilities.confirmedBy === 'consumer') expect(await publisher.results.backlog()).toBe(100)
    blocked.open()
    await until('all messages', () => repsOf(handled).length === 100)
    await published
    await until('an empty stream', async () => (await publisher.results.backlog()) === 0)
    expect(mostBatches).toBe(2)
    expect(mostInHand).toBeLessThanOrEqual(10)
  })

  test('publishers outrun a consumer that stands still by as much as they like, and lose nothing', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const blocked = gate()
    const handled: ResultMessage[] = []
    await consumer.results.consume(limits(), async (batch) => {
      await blocked.opened
      handled.push(...batch)
    })
    const publications = Array.from({ length: 60 }, (_, index) =>
      publisher.results.publish(resultFixtures(50, index * 50)),
    )
    await harness.pass(tickMs)
    blocked.open()
    await until('3,000 messages', () => repsOf(handled).length === 3_000)
    await Promise.all(publications)
  })

  test('several consumers share the messages', async () => {
    const { publisher, consumer, limits, until } = await open()
    const blocked = gate()
    const [one, other]: ResultMessage[][] = [[], []]
    await consumer.results.consume(limits({ maxMessages: 2 }), async (batch) => {
      one?.push(...batch)
      await blocked.opened
    })
    await publisher.results.consume(limits({ maxMessages: 2 }), async (batch) => void other?.push(...batch))
    const published = publisher.results.publish(resultFixtures(20))
    await until('18 messages at the one that is not blocked', () => repsOf(other ?? []).length >= 18)
    expect(repsOf(one ?? []).length).toBeLessThanOrEqual(2)
    blocked.open()
    await until('all messages', () => repsOf([...(one ?? []), ...(other ?? [])]).length === 20)
    await published
  })

  test('who stops finishes the batch in hand and is given no other; the rest waits for the next consumer', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const blocked = gate()
    const handled: ResultMessage[] = []
    let calls = 0
    const stop = await consumer.results.consume(limits({ maxMessages: 2 }), async (batch) => {
      calls += 1
      await blocked.opened
      handled.push(...batch)
    })
    const published = publisher.results.publish(resultFixtures(6))
    await until('a batch in hand', () => calls === 1)
    let stopped = false
    const stopping = stop().then(() => (stopped = true))
    await harness.pass(tickMs)
    expect(stopped).toBe(false)
    blocked.open()
    await until('the end of consuming', () => stopped)
    await stopping
    expect(handled).toHaveLength(2)
    await harness.pass(tickMs)
    expect(calls).toBe(1)
    await consumer.results.consume(limits(), async (batch) => void handled.push(...batch))
    await until('all messages', () => repsOf(handled).length === 6)
    await published
  })

  test('what a consumer that stops has not begun goes to others while it finishes the batch in hand', async () => {
    const { harness, publisher, consumer, limits, until, tickMs } = await open()
    const blocked = gate()
    const [first, others]: ResultMessage[][] = [[], []]
    const stop = await consumer.results.consume(limits({ maxMessages: 5, maxBatches: 3 }), async (batch) => {
      first?.push(...batch)
      await blocked.opened
    })
    const published: Promise<void>[] = []
    for (let rep = 0; rep < 3; rep += 1) {
      published.push(publisher.results.publish([resultFixture(rep)]))
      await until('another batch in hand', () => first?.length === rep + 1)
    }
    published.push(publisher.results.publish(resultFixtures(27, 3)))
    await harness.pass(tickMs)
    const stopping = stop()
    await publisher.results.consume(limits(), async (batch) => void others?.push(...batch))
    await until('the other messages', () => repsOf(others ?? []).length === 27)
    blocked.open()
    await Promise.all([stopping, ...published])
    expect(first).toHaveLength(3)
  })

  test('stopping an idle consumer, even twice, ends at once', async () => {
    const { consumer, limits } = await open()
    const stop = await consumer.results.consume(limits(), async () => undefined)
    await stop()
    await stop()
  })
}
