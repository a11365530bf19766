import { cutBodies, PROTOCOL_VERSION, RESULTS_PATH, type Delivery } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { aRun, TokenIssuer, waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { resultServerService } from '../src/index.ts'

interface Receiver {
  readonly socket: Socket
  readonly got: { readonly cursor: string; readonly run: RunResult; readonly body: string | undefined }[]
  caughtUp: number
}

let issuer: TokenIssuer
let running: RunningServices
let folder: string
const sockets: Socket[] = []

beforeAll(async () => {
  issuer = await TokenIssuer.start()
})
afterAll(() => issuer.stop())

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-results-'))
  running = await startServices([resultServerService], {
    env: {
      QUARRY_PORT: '0',
      QUARRY_DATA: folder,
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_AUTH_URL: issuer.url,
      QUARRY_DRAIN_MS: '3000',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_MAX_RECEIVERS_PER_USER: '3',
    },
  })
  await running.engines.bus.settlements.consume(
    { maxMessages: 100, maxWaitMs: 0, maxBatches: 2 },
    async () => undefined,
  )
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await running.stop()
  rmSync(folder, { recursive: true })
})

async function connect(hello: object = {}, user = 'customer'): Promise<Receiver> {
  const token = await issuer.token(user, ['results:read'])
  const auth = { protocol: PROTOCOL_VERSION, token, version: 'test', window: 100, ...hello }
  const socket = io(running.url, {
    path: RESULTS_PATH,
    auth,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  })
  sockets.push(socket)
  const receiver: Receiver = { socket, got: [], caughtUp: 0 }
  const chunks = new Map<string, Uint8Array[]>()
  socket.on('chunk', ({ cursor }: { cursor: string }, bytes: Uint8Array) =>
    chunks.set(cursor, [...(chunks.get(cursor) ?? []), bytes]),
  )
  socket.on('caughtUp', () => receiver.caughtUp++)
  socket.on('results', (deliveries: Delivery[], bodies: Uint8Array) => {
    const inline = deliveries.filter(({ body }) => body === 'inline')
    const sizes = inline.map(({ run }) => (run.outcome.kind === 'page' ? run.outcome.content.storedBytes : 0))
    const cut = new Map(cutBodies(bodies, sizes).map((body, index) => [inline[index]!.cursor, body]))
    for (const { cursor, run, body } of deliveries) {
      const bytes = body === 'chunked' ? Buffer.concat(chunks.get(cursor) ?? []) : cut.get(cursor)
      receiver.got.push({ cursor, run, body: bytes && String(Buffer.from(bytes)) })
    }
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return receiver
}

const publish = (...runs: (Partial<RunResult> & { body?: string })[]) =>
  running.engines.bus.results.publish(
    runs.map((run) => ({ v: 1, run: aRun(run), body: Buffer.from(run.body ?? 'page') })),
  )
const bodies = ({ got }: Receiver) => got.map(({ body }) => body)

test('what waits is pushed in order, then caughtUp, then what comes; a large body comes whole', async () => {
  const large = 'z'.repeat(700_000)
  await publish({ rep: 0, body: 'a' }, { rep: 1, body: large })
  const receiver = await connect()
  await waitUntil('it caught up', () => receiver.caughtUp === 1)
  expect(bodies(receiver)).toEqual(['a', large])
  await publish({ rep: 2, body: 'c' })
  await waitUntil('the live one came', () => receiver.got.length === 3)
  expect(receiver.caughtUp).toBe(1)
})

test('a receiver goes on behind its cursor; two receivers of one customer both get everything', async () => {
  await publish(...['a', 'b', 'c'].map((body, rep) => ({ rep, body })))
  const first = await connect({ window: 2 })
  await waitUntil('the window is full', () => first.got.length === 2)
  const second = await connect()
  await waitUntil('the other has all', () => second.caughtUp === 1)
  expect(bodies(second)).toEqual(['a', 'b', 'c'])
  expect(first.got).toHaveLength(2)
  first.socket.close()
  const back = await connect({ after: first.got[0]!.cursor })
  await waitUntil('it caught up', () => back.caughtUp === 1)
  expect(bodies(back)).toEqual(['b', 'c'])
})

test('acknowledging makes room; acknowledging nonsense changes nothing', async () => {
  await publish(...['a', 'b', 'c'].map((body, rep) => ({ rep, body })))
  const receiver = await connect({ window: 1 })
  await waitUntil('the first came', () => receiver.got.length === 1)
  for (const nonsense of [null, {}, [], 5, '', '~', 'x'.repeat(300), undefined]) receiver.socket.emit('ack', nonsense)
  receiver.socket.emit('ack')
  await publish({ rep: 3, body: 'd' })
  expect(receiver.got).toHaveLength(1)
  for (let count = 1; count < 4; count++) {
    receiver.socket.emit('ack', receiver.got.at(-1)!.cursor)
    await waitUntil('the next came', () => receiver.got.length === count + 1)
  }
  expect(bodies(receiver)).toEqual(['a', 'b', 'c', 'd'])
})

test('results of somebody else never come, nor those that a filter leaves out', async () => {
  await publish(
    { rep: 0, body: 'mine' },
    { rep: 0, orderId: 'o2', body: 'other order' },
    { rep: 0, orderId: 'o3', customerId: 'stranger', body: 'secret' },
  )
  const [mine, filtered, late, foreign] = [
    await connect(),
    await connect({ orderId: 'o2' }),
    await connect({ since: Date.now() + 60_000 }),
    await connect({ orderId: 'o1' }, 'stranger'),
  ]
  const all = [mine, filtered, late, foreign]
  await waitUntil('all caught up', () => all.every(({ caughtUp }) => caughtUp === 1))
  await publish(
    { rep: 1, orderId: 'o3', customerId: 'stranger', body: 'secret too' },
    { rep: 1, orderId: 'o2', body: 'again' },
  )
  await waitUntil('the live one came', () => filtered.got.length === 2)
  expect(bodies(mine)).toEqual(['mine', 'other order', 'again'])
  expect(bodies(filtered)).toEqual(['other order', 'again'])
  expect([bodies(late), bodies(foreign)]).toEqual([[], []])
})

test('pages of one hash that miners compressed in different ways all arrive whole', async () => {
  const { zstdCompressSync } = await import('node:zlib')
  const text = 'a page '.repeat(200)
  const bytes = zstdCompressSync(Buffer.from(text))
  const run = aRun({ rep: 1, body: text })
  if (run.outcome.kind !== 'page') throw new Error('not a page')
  const content = { ...run.outcome.content, encoding: 'zstd', storedBytes: bytes.byteLength } as const
  await publish({ rep: 0, body: text })
  await running.engines.bus.results.publish([
    { v: 1, run: { ...run, outcome: { ...run.outcome, content } }, body: bytes },
  ])
  await publish({ rep: 2, body: 'after' })
  const receiver = await connect()
  await waitUntil('it caught up', () => receiver.caughtUp === 1)
  expect(bodies(receiver)).toEqual([text, text, 'after'])
})

test('one account may open so many connections and no more, also all at once', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => connect()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  const refused = outcomes.find((one) => one.status === 'rejected')
  expect(refused?.reason).toMatchObject({ data: { error: { code: 'too_many_requests', retryAfterMs: 10_000 } } })
  sockets[sockets.length - 1]!.close()
  for (const socket of sockets) socket.close()
  await waitUntil('there is room again', () => connect().catch(() => false as const))
})

test('a receiver that stays when told to leave does not keep the server', async () => {
  const receiver = await connect()
  let draining = 0
  receiver.socket.on('draining', () => draining++)
  const before = performance.now()
  await running.stop()
  expect(performance.now() - before).toBeLessThan(3000)
  await waitUntil('it was told and cut off', () => draining === 1 && !receiver.socket.connected)
})
