import { MAX_BODY_BYTES, type ResultMessage } from '@quarry/contracts'
import { onEngine } from '@quarry/engines-under-test'
import { resultFixtures, settlementFixture } from '@quarry/messaging-conformance'
import { connect } from 'amqplib'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { benchOf, limits, publishStubbornly, resultOf, until } from '../test/bench.ts'
import { openRabbit } from './open-rabbit.ts'

const MANY = 3_000

/** Sends bytes of anybody's making to a queue. */
async function inject(url: string, queue: string, content: Buffer): Promise<void> {
  const model = await connect(url)
  const channel = await model.createConfirmChannel()
  channel.sendToQueue(queue, content, { persistent: true, messageId: 'from elsewhere' })
  await channel.waitForConfirms()
  await model.close()
}

async function deleteQueue(url: string, queue: string): Promise<void> {
  const model = await connect(url)
  await (await model.createChannel()).deleteQueue(queue)
  await model.close()
}

onEngine('rabbitmq', (url) => {
  test('connections cut again and again: publishers learn it, consumers come back, nothing is lost', async () => {
    const publishing = await benchOf(url)
    const consuming = await benchOf(url, { prefix: publishing.prefix })
    const handled = new Set<number>()
    const handler = async (batch: readonly ResultMessage[]): Promise<void> => {
      await sleep(1)
      for (const { run } of batch) handled.add(run.rep)
    }
    await consuming.results.consume(limits, handler)
    const published = publishStubbornly(publishing.rabbit, MANY)
    for (const share of [0.2, 0.4, 0.6, 0.8]) {
      await until(`${share} of the messages`, () => handled.size > MANY * share)
      publishing.proxy.cut()
      consuming.proxy.cut()
    }
    const { unknown } = await published
    await until('all messages', () => handled.size === MANY)
    expect(unknown).toBeGreaterThan(0)
    await until('an empty stream', async () => (await consuming.results.backlog()) === 0)
    expect(await consuming.rabbit.deadLetters.count('results')).toBe(0)
    expect(consuming.events).toContainEqual({
      kind: 'disconnected',
      connection: 'results consumer',
      reason: expect.any(String),
    })
  })

  test('a publish waits while the broker is away, and is sent when it is back in time', async () => {
    const { results, proxy } = await benchOf(url)
    await results.publish([resultOf(1)])
    proxy.refuse()
    const published = results.publish([resultOf(2)]).catch(() => results.publish([resultOf(2)]))
    await sleep(500)
    proxy.admit()
    await published
    await until('both messages', async () => (await results.backlog()) === 2)
  })

  test('a publish while the broker stays away ends as unavailable', async () => {
    const { results, proxy, rabbit } = await benchOf(url, { publishTimeoutMs: 500 })
    proxy.refuse()
    await expect(results.publish(resultFixtures(3))).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/500 ms.*no connection/),
    })
    await expect(rabbit.check()).rejects.toMatchObject({ name: 'Unavailable' })
    proxy.admit()
    await until('the broker again', () =>
      rabbit.check().then(
        () => true,
        () => false,
      ),
    )
  })

  test('a message that no queue takes makes its publish unavailable; a consumer makes the queue anew', async () => {
    const { results, prefix } = await benchOf(url, { partitions: 1 })
    await results.publish([resultOf(1)])
    await deleteQueue(url, `${prefix}results.0`)
    await expect(results.publish([resultOf(2)])).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/no queue .*results\.0/),
    })
    const handled: number[] = []
    await results.consume(limits, async (batch) => void handled.push(...batch.map(({ run }) => run.rep)))
    await until('the queue', async () => (await results.backlog().catch(() => -1)) === 0)
    await results.publish([resultOf(3)])
    await until('its message', () => handled.includes(3))
    await deleteQueue(url, `${prefix}results.0`)
    await until('the queue again', () =>
      results.publish([resultOf(4)]).then(
        () => true,
        () => false,
      ),
    )
    await until('the message after it', () => handled.includes(4))
  })

  test('messages that this version does not understand are dead letters at once, and hold nobody up', async () => {
    const { settlements, rabbit, prefix, events } = await benchOf(url, { partitions: 1 })
    const json = Buffer.from(JSON.stringify({ ...settlementFixture(1), v: 2 }))
    const future = Buffer.concat([Buffer.from([1, 0, 0, 0, json.length >> 8, json.length & 255]), json])
    await inject(url, `${prefix}settlements.0`, future)
    await inject(url, `${prefix}settlements.0`, Buffer.from('noise'))
    await settlements.publish([settlementFixture(5)])
    const handled: string[] = []
    await settlements.consume(limits, async (batch) => void handled.push(...batch.map(({ transfer }) => transfer.id)))
    await until('the dead letters', async () => (await rabbit.deadLetters.count('settlements')) === 2)
    await until('the other message', () => handled.length === 1)
    expect(handled).toEqual([settlementFixture(5).transfer.id])
    expect(events).toContainEqual({
      kind: 'dead-letter',
      stream: 'settlements',
      id: 'from elsewhere',
      reason: 'its version 2 is unknown',
    })
    const listed = await rabbit.deadLetters.list('settlements', 10)
    expect(listed.map(({ problem }) => problem).sort()).toEqual([
      'it is shorter than the head of a message',
      'its version 2 is unknown',
    ])
    await until('their return', async () => (await rabbit.deadLetters.count('settlements')) === 2)
    expect(await rabbit.deadLetters.list('settlements', 1)).toHaveLength(1)
  })

  test('dead letters that are replayed are delivered as if they were new', async () => {
    const { results, rabbit } = await benchOf(url)
    let mended = false
    const handled: ResultMessage[] = []
    await results.consume(limits, async (batch) => {
      if (!mended && batch.some(({ run }) => run.rep === 3)) throw new Error('planted by the test')
      handled.push(...batch)
    })
    await results.publish([1, 2, 3, 4].map((rep) => resultOf(rep, 1_000)))
    // Others must succeed meanwhile: a consumer that takes nothing at all has a trouble of its own.
    await until('the dead letter', async () => {
      await results.publish([resultOf(4)])
      return (await rabbit.deadLetters.count('results')) === 1
    })
    expect(await rabbit.deadLetters.list('results', 10)).toMatchObject([
      { id: resultOf(3).run.jobId, reason: 'rejected', queue: expect.stringContaining('results.') },
    ])
    mended = true
    // A quorum queue takes what was returned to it a moment after the channel's end was answered.
    await until('its return', async () => (await rabbit.deadLetters.count('results')) === 1)
    expect(await rabbit.deadLetters.replay('results', 10)).toBe(1)
    await until('the message', () => handled.some(({ run }) => run.rep === 3))
    const replayed = handled.find(({ run }) => run.rep === 3)
    expect(Uint8Array.from(replayed?.body ?? [])).toEqual(resultOf(3, 1_000).body)
    expect(await rabbit.deadLetters.count('results')).toBe(0)
  })

  test('a full queue refuses its publishers and keeps what it has confirmed', async () => {
    const { results } = await benchOf(url, { partitions: 1, queueBytes: 200_000 })
    const confirmed: number[] = []
    let refused = 0
    for (let rep = 0; rep < 100; rep += 1)
      await results.publish([resultOf(rep, 10_000)]).then(
        () => confirmed.push(rep),
        (error: unknown) => {
          expect(error).toMatchObject({ name: 'Unavailable', message: expect.stringMatching(/full/) })
          refused += 1
        },
      )
    expect(refused).toBeGreaterThan(50)
    const handled = new Set<number>()
    await results.consume(limits, async (batch) => batch.forEach(({ run }) => handled.add(run.rep)))
    await until('what was confirmed', () => confirmed.every((rep) => handled.has(rep)))
    await results.publish([resultOf(100, 10_000)])
  })

  test('the largest page passes; one byte more is its publisher’s mistake, and nobody else’s trouble', async () => {
    const { results } = await benchOf(url)
    const handled: ResultMessage[] = []
    await results.consume(limits, async (batch) => void handled.push(...batch))
    const largest = { ...resultOf(1, MAX_BODY_BYTES), body: new Uint8Array(MAX_BODY_BYTES + 1024).fill(7) }
    const fine = results.publish([largest])
    await expect(results.publish([resultOf(2, MAX_BODY_BYTES + 1025)])).rejects.toBeInstanceOf(RangeError)
    await fine
    await until('the page', () => handled.length === 1)
    expect(Buffer.compare(handled[0]?.body ?? Buffer.alloc(0), largest.body ?? Buffer.alloc(0))).toBe(0)
  })

  test('a consumer holds few large messages at once, and all of them come in the end', async () => {
    const { results } = await benchOf(url)
    await results.publish(Array.from({ length: 40 }, (_, rep) => resultOf(rep, 100_000)))
    const handled = new Set<number>()
    const released = Promise.withResolvers<undefined>()
    let held = 0
    await results.consume(limits, async (batch) => {
      held += batch.length
      await released.promise
      for (const { run } of batch) handled.add(run.rep)
    })
    await results.publish([resultOf(40)])
    await until('the small one and some large ones', () => held > 1)
    await sleep(500)
    expect(held).toBeLessThanOrEqual(9)
    released.resolve(undefined)
    await until('all messages', () => handled.size === 41)
  })

  test('with fewer partitions than before, what lies in the others is delivered, too', async () => {
    const before = await benchOf(url, { partitions: 4 })
    await before.results.publish(Array.from({ length: 64 }, (_, rep) => resultOf(rep)))
    const now = await benchOf(url, { prefix: before.prefix, partitions: 1 })
    const handled = new Set<number>()
    await now.results.consume(limits, async (batch) => batch.forEach(({ run }) => handled.add(run.rep)))
    await until('all messages', () => handled.size === 64)
  })

  test.each([
    ['nobody listens there', (at: URL) => (at.port = '1'), /RabbitMQ at 127\.0\.0\.1:1 .*ECONNREFUSED/],
    ['there is no such virtual host', (at: URL) => (at.pathname = '/nowhere'), /RabbitMQ at .*virtual host nowhere/],
  ])('opening fails with a clear word when %s', async (_, spoil, word) => {
    const at = new URL(url)
    spoil(at)
    const failure: unknown = await openRabbit(at.href).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'Unavailable', message: expect.stringMatching(word) })
  })

  test('a refused log-in is told from a broker that does not answer, by the name and not by the password', async () => {
    const at = new URL(url)
    at.password = 'swordfish'
    const failure: unknown = await openRabbit(at.href).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name: 'WrongCredentials',
      message: `RabbitMQ at ${at.host} refused to log in as ${at.username}`,
    })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('swordfish')
  })

  test('queues that exist with other settings are refused with a clear word', async () => {
    const { prefix } = await benchOf(url, { queueBytes: 1_000_000 })
    await expect(openRabbit(url, { prefix, queueBytes: 2_000_000 })).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/x-max-length-bytes/),
    })
  })
})

test.each(['not a url with swordfish', 'http://a:swordfish@b', 'amqp://'])('the address %s is refused', async (url) => {
  const failure: unknown = await openRabbit(url).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(TypeError)
  expect(String(failure)).not.toContain('swordfish')
})
