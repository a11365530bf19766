import type { ConfirmChannel } from 'amqplib'
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Publisher, type Outgoing } from './publisher.ts'

const TIMEOUT_MS = 1_000

function outgoing(id: string, sizeBytes = 10): Outgoing {
  return { queue: 'queue', id, sizeBytes, encode: () => Buffer.from(id) }
}

function many(count: number, sizeBytes?: number): Outgoing[] {
  return Array.from({ length: count }, (_, index) => outgoing(`m${index}`, sizeBytes))
}

type Answer = (error: Error | null) => void

/** A confirm channel whose broker answers when the test says so. */
class FakeChannel extends EventEmitter {
  readonly sent: { id: string; correlationId: string; answer: Answer }[] = []
  closed = false

  publish(_exchange: string, _queue: string, content: Buffer, options: { correlationId: string }, answer: Answer) {
    if (this.closed) throw new Error('Channel closed')
    this.sent.push({ id: content.toString(), correlationId: options.correlationId, answer })
  }

  confirm(count: number): void {
    for (const { answer } of this.sent.splice(0, count)) answer(null)
  }

  /** As the library does it: first nothing can be sent, then whoever waits is told, then whoever listens. */
  end(publisher: Publisher): void {
    this.closed = true
    for (const { answer } of this.sent.splice(0)) answer(new Error('channel closed'))
    publisher.detach()
  }
}

function open(channel = new FakeChannel()) {
  const publisher = new Publisher({ windowMessages: 4, windowBytes: 100, timeoutMs: TIMEOUT_MS })
  const attach = (to: FakeChannel): void => {
    publisher.listenTo(to as unknown as ConfirmChannel)
    publisher.attach(to as unknown as ConfirmChannel)
  }
  attach(channel)
  return { publisher, channel, attach }
}

describe('Publisher', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('sends no more than its window, in order, and goes on as confirmations come', async () => {
    const { publisher, channel } = open()
    const published = Promise.all([publisher.publish(many(3)), publisher.publish([outgoing('a'), outgoing('b')])])
    expect(channel.sent.map(({ id }) => id)).toEqual(['m0', 'm1', 'm2', 'a'])
    expect(publisher.unconfirmed).toBe(5)
    channel.confirm(1)
    expect(channel.sent.map(({ id }) => id)).toEqual(['m1', 'm2', 'a', 'b'])
    channel.confirm(4)
    await published
    expect(publisher.unconfirmed).toBe(0)
  })

  test('bounds the bytes under way, too, and lets a larger message pass alone', async () => {
    const { publisher, channel } = open()
    const published = publisher.publish([outgoing('large', 500), ...many(3, 60)])
    for (let left = 4; left > 0; left -= 1) {
      expect(channel.sent).toHaveLength(1)
      channel.confirm(1)
    }
    await published
  })

  test('what was sent when the channel ended is unknown; what was not is sent over the next one', async () => {
    const { publisher, channel, attach } = open()
    const sent = publisher.publish(many(4))
    const waiting = publisher.publish([outgoing('later')])
    const unknown = expect(sent).rejects.toMatchObject({ name: 'UnknownOutcome' })
    channel.end(publisher)
    await unknown
    const next = new FakeChannel()
    attach(next)
    expect(next.sent.map(({ id }) => id)).toEqual(['later'])
    next.confirm(1)
    await waiting
  })

  test('a publish that could never be sent is unavailable after its time, and is not sent afterwards', async () => {
    const { publisher, channel, attach } = open()
    channel.end(publisher)
    const refused = expect(publisher.publish(many(2))).rejects.toMatchObject({ name: 'Unavailable' })
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS)
    await refused
    const next = new FakeChannel()
    attach(next)
    expect(next.sent).toEqual([])
  })

  test('a publish that is not confirmed in its time is unknown, and keeps its place in the window', async () => {
    const { publisher, channel } = open()
    const unknown = expect(publisher.publish(many(4))).rejects.toMatchObject({ name: 'UnknownOutcome' })
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS)
    await unknown
    void publisher.publish([outgoing('next')])
    expect(channel.sent).toHaveLength(4)
    channel.confirm(4)
    expect(channel.sent.map(({ id }) => id)).toEqual(['next'])
    channel.confirm(1)
  })

  test('while the broker is blocked nothing is sent; a publish waits, and says why when it takes too long', async () => {
    const { publisher, channel } = open()
    publisher.block('low on memory')
    const patient = publisher.publish([outgoing('patient')])
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS / 2)
    expect(channel.sent).toEqual([])
    publisher.block(undefined)
    channel.confirm(1)
    await patient
    publisher.block('low on memory')
    const refused = expect(publisher.publish([outgoing('x')])).rejects.toThrow(/low on memory/)
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS)
    await refused
  })

  test('a returned message is refused although it is confirmed', async () => {
    const { publisher, channel } = open()
    const published = publisher.publish(many(2))
    channel.emit('return', { properties: { correlationId: channel.sent[1]?.correlationId } })
    channel.confirm(2)
    await expect(published).rejects.toMatchObject({ name: 'Unavailable', message: expect.stringMatching(/queue/) })
  })

  test('a message that the broker refuses makes its publish unavailable, and no other', async () => {
    const { publisher, channel } = open()
    const refused = expect(publisher.publish([outgoing('a')])).rejects.toMatchObject({ name: 'Unavailable' })
    const taken = publisher.publish([outgoing('b')])
    channel.sent.shift()?.answer(new Error('message nacked'))
    channel.confirm(1)
    await Promise.all([refused, taken])
  })

  test('a message that cannot be written fails its publish only', async () => {
    const { publisher, channel } = open()
    const broken: Outgoing = {
      ...outgoing('broken'),
      encode: () => {
        throw new RangeError('too large')
      },
    }
    const refused = expect(publisher.publish([broken, outgoing('never')])).rejects.toBeInstanceOf(RangeError)
    const fine = publisher.publish([outgoing('fine')])
    expect(channel.sent.map(({ id }) => id)).toEqual(['fine'])
    channel.confirm(1)
    await Promise.all([refused, fine])
  })

  test('after closing, publishers get an answer: unknown for what was under way, unavailable for the rest', async () => {
    const { publisher } = open()
    const underWay = expect(publisher.publish(many(4))).rejects.toMatchObject({ name: 'UnknownOutcome' })
    const waiting = expect(publisher.publish(many(1))).rejects.toMatchObject({ name: 'Unavailable' })
    publisher.close()
    await Promise.all([underWay, waiting])
    await expect(publisher.publish(many(1))).rejects.toMatchObject({ name: 'Unavailable' })
  })
})
