import {
  resultBusSuite,
  resultFixture,
  resultFixtures,
  settlementFixture,
  SteppedClock,
} from '@quarry/messaging-conformance'
import { Unavailable, UnknownOutcome } from '@quarry/messaging-port'
import { describe, expect, test } from 'vitest'
import { MemoryResultBus } from './memory-result-bus.ts'

const NOW = 1_700_000_000_000
const limits = { maxMessages: 100, maxWaitMs: 0, maxBatches: 1 }

async function open() {
  const clock = new SteppedClock(NOW)
  const bus = new MemoryResultBus(clock)
  return {
    connect: async () => ({ bus, vanish: async () => undefined }),
    pass: (ms: number) => clock.pass(ms),
    deadLetters: async (stream: 'results' | 'settlements') => bus[stream].deadLetters.count,
    close: async () => bus.close(),
  }
}

resultBusSuite('memory', open, { time: 'simulated', confirmedBy: 'consumer', clientsVanish: false })

describe('MemoryResultBus', () => {
  test('when calm, a message reaches its handler without any timer', async () => {
    const bus = new MemoryResultBus({
      now: () => NOW,
      after: () => {
        throw new Error('no timer is needed')
      },
    })
    await bus.results.consume(limits, async () => undefined)
    await bus.results.publish([resultFixture(1)])
    expect(await bus.results.backlog()).toBe(0)
  })

  test('what many publishers publish in one go is handled in one batch', async () => {
    const bus = new MemoryResultBus(new SteppedClock(NOW))
    const sizes: number[] = []
    await bus.settlements.consume(limits, async (batch) => void sizes.push(batch.length))
    await Promise.all(Array.from({ length: 50 }, (_, rep) => bus.settlements.publish([settlementFixture(rep)])))
    expect(sizes).toEqual([50])
  })

  test.each([
    ['messages', { maxMessages: 10 }],
    ['bytes', { maxBytes: 10 * 4_096 }],
  ])('no more than its bound in %s is taken; publishers beyond it wait their turn', async (_, bound) => {
    const clock = new SteppedClock(NOW)
    const bus = new MemoryResultBus(clock, bound)
    const sizes: number[] = []
    await bus.results.consume({ ...limits, maxWaitMs: 60_000 }, async (batch) => void sizes.push(batch.length))
    const publications = [0, 1, 2].map((index) =>
      bus.results.publish([0, 1, 2, 3, 4, 5, 6].map((rep) => resultFixture(index * 7 + rep, 2_048))),
    )
    await Promise.all(publications.slice(0, 1))
    expect(sizes[0]).toBe(10)
    await clock.pass(60_000)
    await Promise.all(publications)
    expect(sizes).toEqual([10, 10, 1])
  })

  test('a message larger than the bound in bytes passes alone', async () => {
    const bus = new MemoryResultBus(new SteppedClock(NOW), { maxBytes: 10_000 })
    const sizes: number[] = []
    await bus.results.consume(limits, async (batch) => void sizes.push(batch.length))
    await bus.results.publish([resultFixture(1, 50_000), resultFixture(2, 10)])
    expect(sizes).toEqual([1, 1])
  })

  test('a dead letter is kept, with the consumer’s words', async () => {
    const clock = new SteppedClock(NOW)
    const bus = new MemoryResultBus(clock)
    await bus.results.consume(limits, async (batch) => {
      if (batch.some((message) => message.run.rep === 2)) throw new Error('no such customer')
    })
    const published = bus.results.publish(resultFixtures(3))
    await clock.pass(60_000)
    await published
    expect(bus.results.deadLetters.kept).toMatchObject([
      {
        message: { run: { rep: 2 } },
        deliveries: 10,
        reason: expect.stringMatching(/10 deliveries.*no such customer$/),
      },
    ])
  })

  test('a consumer that fails everything for five minutes loses nothing', async () => {
    const clock = new SteppedClock(NOW)
    const bus = new MemoryResultBus(clock)
    let diskIsFull = true
    await bus.results.consume(limits, async () => {
      if (diskIsFull) throw new Error('no space left on device')
    })
    const published = bus.results.publish(resultFixtures(3))
    await clock.pass(300_000)
    expect(await bus.results.backlog()).toBe(3)
    diskIsFull = false
    await clock.pass(10_000)
    await published
    expect(bus.results.deadLetters.count).toBe(0)
  })

  test('an engine that is down for an hour makes no message poison, nor does one more failure after it is back', async () => {
    const clock = new SteppedClock(NOW)
    const bus = new MemoryResultBus(clock)
    let isDown = true
    let oneMore = true
    const handled: number[] = []
    await bus.results.consume(limits, async (batch) => {
      if (isDown) throw new Unavailable('the ledger does not answer')
      if (handled.length > 0 && oneMore) {
        oneMore = false
        throw new UnknownOutcome('the answer was lost')
      }
      handled.push(...batch.map(({ run }) => run.rep))
    })
    const published = bus.results.publish(resultFixtures(3))
    await clock.pass(3_600_000)
    isDown = false
    await clock.pass(60_000)
    await published
    expect(handled.toSorted()).toEqual([0, 1, 2])
    expect(bus.results.deadLetters.count).toBe(0)
  })

  test('after closing, publishers get an answer: unknown for what was under way, unavailable for the rest', async () => {
    const bus = new MemoryResultBus(new SteppedClock(NOW))
    const underWay = bus.results.publish([resultFixture(1)])
    bus.close()
    await expect(underWay).rejects.toMatchObject({ name: 'UnknownOutcome' })
    await expect(bus.results.publish([resultFixture(1)])).rejects.toMatchObject({ name: 'Unavailable' })
  })
})
