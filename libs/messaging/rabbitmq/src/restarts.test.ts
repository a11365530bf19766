import { onEngine } from '@quarry/engines-under-test'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits, publishStubbornly, resultOf, until } from '../test/bench.ts'
import { startOwnBroker, type OwnBroker } from '../test/own-broker.ts'
import { scratchPrefix } from '../test/scratch-queues.ts'
import { openRabbit, type Rabbit, type RabbitOptions } from './open-rabbit.ts'

const MANY = 4_000
const TIMEOUT_MS = 120_000

onEngine('rabbitmq', () => {
  let broker: OwnBroker
  beforeAll(async () => void (broker = await startOwnBroker()), TIMEOUT_MS)
  afterAll(() => broker.remove())
  const open = (options: RabbitOptions): Promise<Rabbit> => openRabbit(broker.env.QUARRY_RABBITMQ, options)

  test(
    'a broker killed and started again, amid publishing and consuming: whatever was confirmed is delivered',
    async () => {
      const prefix = scratchPrefix()
      const publishing = await open({ prefix })
      const consuming = await open({ prefix })
      const handled = new Set<number>()
      await consuming.bus.results.consume(limits, async (batch) => {
        await sleep(2)
        for (const { run } of batch) handled.add(run.rep)
      })
      const published = publishStubbornly(publishing, MANY)
      for (const share of [0.25, 0.6]) {
        await until(`${share} of the messages`, () => handled.size > MANY * share, 60_000)
        await broker.kill()
        await broker.start()
      }
      const { unknown } = await published
      await until('all messages', () => handled.size === MANY, 60_000)
      expect(unknown).toBeGreaterThan(0)
      expect(await consuming.deadLetters.count('results')).toBe(0)
      await Promise.all([publishing.close(), consuming.close()])
    },
    TIMEOUT_MS,
  )

  test(
    'what was confirmed before the broker was killed is there for whoever comes afterwards',
    async () => {
      const prefix = scratchPrefix()
      const before = await open({ prefix })
      await before.bus.results.publish(Array.from({ length: 500 }, (_, rep) => resultOf(rep, 5_000)))
      await broker.kill()
      await before.close()
      await broker.start()
      const after = await open({ prefix })
      const handled = new Set<number>()
      const stop = await after.bus.results.consume(limits, async (batch) => {
        for (const { run, body } of batch) if (body?.byteLength === 5_000) handled.add(run.rep)
      })
      await until('all messages', () => handled.size === 500)
      await stop()
      await after.close()
    },
    TIMEOUT_MS,
  )

  test(
    'a broker that stands still: publishers learn it in their time, and all goes on afterwards',
    async () => {
      const prefix = scratchPrefix()
      const rabbit = await open({ prefix, publishTimeoutMs: 1_000 })
      const handled: number[] = []
      await rabbit.bus.results.consume(limits, async (batch) => void handled.push(...batch.map(({ run }) => run.rep)))
      await rabbit.bus.results.publish([resultOf(0)])
      broker.pause()
      await expect(rabbit.bus.results.publish([resultOf(1)])).rejects.toMatchObject({ name: 'UnknownOutcome' })
      await expect(rabbit.check()).rejects.toMatchObject({ name: 'Unavailable' })
      broker.resume()
      await until('a publish', () =>
        rabbit.bus.results.publish([resultOf(2)]).then(
          () => true,
          () => false,
        ),
      )
      await until('both messages', () => handled.includes(1) && handled.includes(2))
      await rabbit.close()
    },
    TIMEOUT_MS,
  )
})
