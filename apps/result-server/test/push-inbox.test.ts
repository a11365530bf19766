import { BATCH_BYTES, CHUNK_BYTES, type Delivery } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import type { ResultStore } from '@quarry/storage-port'
import { aRun } from '@quarry/testkit'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { PushInbox, type Receiver } from '../src/application/push-inbox.ts'

/** An inbox in memory, as far as pushing asks for it; `fail` makes the next calls reject. */
class Inbox implements Pick<ResultStore, 'inbox' | 'body'> {
  readonly entries: { cursor: string; run: RunResult; storedAt: number }[] = []
  readonly bodies = new Map<string, { bytes: Uint8Array; encoding: 'zstd' | 'identity' }>()
  failures = 0
  failBodyAt = ''
  reads = 0

  add(body: string, fields: Partial<RunResult> = {}): string {
    const rep = this.entries.length
    const run = aRun({ rep, body, ...fields })
    const cursor = String(rep + 1).padStart(8, '0')
    this.entries.push({ cursor, run, storedAt: rep })
    if (run.outcome.kind === 'page') {
      const { sha256 } = run.outcome.content
      if (!this.bodies.has(sha256)) this.bodies.set(sha256, { bytes: Buffer.from(body), encoding: 'identity' })
    }
    return cursor
  }

  async inbox(_: string, from: { after?: string; limit: number }) {
    this.reads++
    if (this.failures-- > 0) throw new Error('no store')
    return this.entries.filter(({ cursor }) => cursor > (from.after ?? '')).slice(0, from.limit)
  }

  async body(_: string, sha256: string) {
    if (sha256 === this.failBodyAt) throw new Error('no body store')
    return this.bodies.get(sha256)
  }
}

let inbox: Inbox
let got: { delivery: Delivery; body: Uint8Array | undefined }[]
let messages: number[]
let caughtUp: number
let errors: unknown[]
let congested: boolean

beforeEach(() => {
  inbox = new Inbox()
  got = []
  messages = []
  caughtUp = 0
  errors = []
  congested = false
})

const cursors = () => got.map(({ delivery }) => delivery.cursor)
const settle = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}

function push(options: { window?: number; after?: string } = {}): PushInbox {
  const pieces = new Map<string, Uint8Array[]>()
  const receiver: Receiver = {
    customerId: 'customer',
    window: options.window ?? 100,
    congested: () => congested,
    results(deliveries, bodies) {
      const left = [...bodies]
      messages.push(bodies.reduce((sum, body) => sum + body.byteLength, 0))
      for (const delivery of deliveries) {
        const chunks = pieces.get(delivery.cursor)
        const body =
          delivery.body === 'inline'
            ? left.shift()
            : delivery.body === 'chunked'
              ? Buffer.concat(chunks ?? [])
              : undefined
        got.push({ delivery, body })
      }
      expect(left).toEqual([])
    },
    chunk({ cursor, index }, bytes) {
      expect(bytes.byteLength).toBeLessThanOrEqual(CHUNK_BYTES)
      const chunks = pieces.get(cursor) ?? []
      expect(index).toBe(chunks.length)
      pieces.set(cursor, [...chunks, bytes])
    },
    caughtUp: () => {
      caughtUp++
    },
  }
  return new PushInbox(
    { results: inbox as unknown as ResultStore, onError: (error) => errors.push(error) },
    receiver,
    options.after,
  )
}

describe('pushing', () => {
  test('begins behind the cursor, keeps the order, says once that it has caught up, and goes on', async () => {
    for (const body of ['a', 'b', 'c']) inbox.add(body)
    const pushing = push({ after: '00000001' })
    pushing.wake()
    await settle()
    expect(got.map(({ body }) => String(body))).toEqual(['b', 'c'])
    expect(caughtUp).toBe(1)
    inbox.add('d')
    pushing.wake()
    await settle()
    expect(got.map(({ body }) => String(body))).toEqual(['b', 'c', 'd'])
    expect(caughtUp).toBe(1)
  })

  test('never has more on its way than the window, and delivers each result once, however acknowledgements come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(
          fc.oneof(
            fc.constant('add'),
            fc.constant('ack-last'),
            fc.constant('ack-first'),
            fc.constant('ack-odd'),
            fc.constant('wake'),
          ),
          { maxLength: 60 },
        ),
        async (window, steps) => {
          inbox = new Inbox()
          got = []
          const pushing = push({ window })
          let acknowledged = 0
          for (const step of steps) {
            if (step === 'add') inbox.add('x')
            if (step === 'ack-last' && got.length > 0) {
              acknowledged = got.length
              pushing.acknowledge(got.at(-1)!.delivery.cursor)
            }
            if (step === 'ack-first' && got[acknowledged]) pushing.acknowledge(got[acknowledged++]!.delivery.cursor)
            if (step === 'ack-odd') {
              for (const cursor of ['', '~', '99999999', got[0]?.delivery.cursor ?? '0'])
                if (acknowledged > 0 || cursor !== got[0]?.delivery.cursor) pushing.acknowledge(cursor)
            }
            pushing.wake()
            await settle()
            expect(got.length - acknowledged).toBeLessThanOrEqual(window)
          }
          for (let at = -1; at < got.length; at = Math.max(at + 1, got.length)) {
            if (got.length > 0) pushing.acknowledge(got.at(-1)!.delivery.cursor)
            await settle()
          }
          for (let round = 0; round < 60; round++) {
            if (got.length > 0) pushing.acknowledge(got.at(-1)!.delivery.cursor)
            await settle()
          }
          expect(cursors()).toEqual(inbox.entries.map(({ cursor }) => cursor))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a body above 256 KiB goes ahead in chunks; messages of small ones stay small', async () => {
    const large = 'y'.repeat(CHUNK_BYTES * 2 + 3)
    inbox.add('s')
    inbox.add(large)
    for (let rep = 0; rep < 6; rep++) inbox.add(String(rep).repeat(100_000))
    inbox.add('', { outcome: { kind: 'failure', reason: 'timed_out', fault: 'target', detail: '' } })
    push().wake()
    await settle()
    expect(got.map(({ delivery }) => delivery.body)).toEqual([
      'inline',
      'chunked',
      ...Array.from({ length: 6 }, () => 'inline'),
      'none',
    ])
    expect(got[1]!.body?.byteLength).toBe(large.length)
    expect(String(got[3]!.body)).toBe('1'.repeat(100_000))
    expect(Math.max(...messages)).toBeLessThanOrEqual(BATCH_BYTES)
  })

  test('no more than 8 MiB and one body is on its way to one receiver', async () => {
    for (let rep = 0; rep < 40; rep++) inbox.add(String.fromCharCode(97 + (rep % 26)).repeat(1024 * 1024 - rep))
    const pushing = push()
    pushing.wake()
    await settle()
    expect(got.length).toBeLessThanOrEqual(10)
    for (let round = 0; round < 40 && got.length < 40; round++) {
      pushing.acknowledge(cursors().at(-1)!)
      await settle()
    }
    expect(cursors()).toEqual(inbox.entries.map(({ cursor }) => cursor))
  })

  test('bodies are announced as they are stored, by whichever miner came first', async () => {
    inbox.add('page')
    const { run } = inbox.entries[0]!
    if (run.outcome.kind !== 'page') throw new Error('not a page')
    const stored = Buffer.from('as another miner compressed it')
    inbox.bodies.set(run.outcome.content.sha256, { bytes: stored, encoding: 'zstd' })
    push().wake()
    await settle()
    expect(got[0]!.delivery.run.outcome).toMatchObject({
      content: { encoding: 'zstd', storedBytes: stored.byteLength, sizeBytes: 4 },
    })
    expect(got[0]!.body).toEqual(stored)
  })

  test('a body no longer kept comes without one, in its place', async () => {
    inbox.add('a')
    inbox.bodies.clear()
    inbox.add('b')
    push().wake()
    await settle()
    expect(got.map(({ delivery }) => delivery.body)).toEqual(['none', 'inline'])
  })
})

describe('when the store fails', () => {
  test('while reading, the next look goes on where it was', async () => {
    inbox.add('a')
    inbox.failures = 1
    const pushing = push()
    pushing.wake()
    await settle()
    expect([got.length, errors.length]).toEqual([0, 1])
    pushing.wake()
    await settle()
    expect(cursors()).toEqual(['00000001'])
  })

  test('in the middle of a batch, what was read before is sent, and the rest comes later: none is left out', async () => {
    for (const body of ['a', 'b', 'c', 'd']) inbox.add(body)
    const third = inbox.entries[2]!.run.outcome
    if (third.kind !== 'page') throw new Error('not a page')
    inbox.failBodyAt = third.content.sha256
    const pushing = push()
    pushing.wake()
    await settle()
    expect(got.map(({ body }) => String(body))).toEqual(['a', 'b'])
    expect(errors).toHaveLength(1)
    inbox.failBodyAt = ''
    pushing.wake()
    await settle()
    expect(got.map(({ body }) => String(body))).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('a wake while reading is not lost', async () => {
  const pushing = push()
  inbox.add('a')
  pushing.wake()
  const adding = settle()
  inbox.add('b')
  pushing.wake()
  await adding
  await settle()
  expect(cursors()).toHaveLength(2)
})

test('a receiver that acknowledges without reading gets nothing more until it reads', async () => {
  congested = true
  inbox.add('a')
  const pushing = push()
  pushing.wake()
  await settle()
  expect(got).toEqual([])
  congested = false
  pushing.wake()
  await settle()
  expect(got).toHaveLength(1)
})

test('after stop nothing is sent, nor said to be complete', async () => {
  inbox.add('a')
  const pushing = push()
  pushing.wake()
  pushing.stop()
  await settle()
  pushing.wake()
  await settle()
  expect([got.length, caughtUp]).toEqual([0, 0])
})
