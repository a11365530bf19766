import {
  CHUNK_BYTES,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  MINING_PATH,
  PROTOCOL_VERSION,
  type Assignment,
  type MinerToServer,
  type ResultMessage,
  type ServerToMiner,
  type SubmissionVerdict,
} from '@quarry/contracts'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { aJob, TokenIssuer, waitUntil } from '@quarry/testkit'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { miningServerService } from '../src/index.ts'
import { aPage } from './mining-stage.ts'

type Miner = Socket<ServerToMiner, MinerToServer> & { readonly got: Assignment[] }

const MAX_PAGE_BYTES = 3 * CHUNK_BYTES

let issuer: TokenIssuer
let running: RunningServices
let folder: string
let stored: ResultMessage[]
const sockets: Socket[] = []

beforeAll(async () => {
  issuer = await TokenIssuer.start()
})
afterAll(() => issuer.stop())

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-mining-'))
  stored = []
  running = await startServices([miningServerService], {
    env: {
      QUARRY_PORT: '0',
      QUARRY_DATA: folder,
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_AUTH_URL: issuer.url,
      QUARRY_DRAIN_MS: '2000',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_REAP_MS: '50',
      QUARRY_LEASE_MS: '60000',
      QUARRY_MAX_BODY_BYTES: String(MAX_PAGE_BYTES),
    },
  })
  await running.engines.bus.results.consume(
    { maxMessages: 100, maxWaitMs: 1, maxBatches: 8 },
    async (batch) => void stored.push(...batch),
  )
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await running.stop()
  rmSync(folder, { recursive: true })
})

async function connect(hello: object = {}, user = 'miner'): Promise<Miner> {
  const token = await issuer.token(user, ['mine'])
  const auth = { protocol: PROTOCOL_VERSION, token, deviceId: 'device', version: 'test', concurrency: 1, ...hello }
  const got: Assignment[] = []
  const socket = Object.assign(
    io(running.url, { path: MINING_PATH, auth, transports: ['websocket'], reconnection: false, forceNew: true }),
    { got },
  )
  sockets.push(socket)
  socket.on('assign', (assignments: Assignment[]) => void got.push(...assignments))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

const enqueue = (count: number) =>
  running.engines.jobs.enqueue(Array.from({ length: count }, (_, rep) => aJob({ rep, host: `h${rep}.example` })))

function submit(
  miner: Miner,
  submissions: unknown[],
  bodies: Uint8Array = Buffer.alloc(0),
): Promise<SubmissionVerdict[]> {
  return miner.timeout(5000).emitWithAck('submit', submissions as never, bodies)
}

/** Bytes outside the heap that something still refers to. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().arrayBuffers
}

async function works(miner: Miner): Promise<void> {
  const [job] = await waitUntil('a job came', () => miner.got.length > 0 && miner.got.splice(0, 1))
  expect(await submit(miner, [aPage(job!).submission], Buffer.from('page'))).toEqual(['accepted'])
}

test('jobs go out and pages come in, inline and in chunks; the miner hears what it earned', async () => {
  const miner = await connect({ concurrency: 2 })
  const earned: number[] = []
  miner.on('earned', (coins) => void earned.push(coins))
  await enqueue(2)
  await waitUntil('both jobs came', () => miner.got.length === 2)
  const body = randomBytes(CHUNK_BYTES * 2 + 5)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const [small, large] = miner.got.map((job) => aPage(job))
  for (const [index, at] of [0, CHUNK_BYTES, 2 * CHUNK_BYTES].entries()) {
    expect(
      await miner.emitWithAck('chunk', { token: miner.got[1]!.token, index }, body.subarray(at, at + CHUNK_BYTES)),
    ).toBe(true)
  }
  const content = { sha256, sizeBytes: body.byteLength, encoding: 'identity', storedBytes: body.byteLength }
  const chunked = { ...large!.submission!, chunked: true, outcome: { ...large!.submission!.outcome, content } }
  expect(await submit(miner, [small!.submission, chunked], Buffer.from('page'))).toEqual(['accepted', 'accepted'])
  expect(stored.map(({ body }) => body?.byteLength)).toEqual([4, body.byteLength])
  await waitUntil('earnings were told', () => earned.at(-1) === 2)
  expect(await miner.emitWithAck('status')).toEqual({
    connectedMiners: 1,
    waitingJobs: 0,
    outstanding: 0,
    sessionPages: 2,
    sessionCoins: 2,
  })
})

test('a miner that reconnects with what it holds hands it in; chunks of a lease that is over are taken and told stale', async () => {
  const before = await connect()
  await enqueue(1)
  await waitUntil('the job came', () => before.got.length === 1)
  before.close()
  const back = await connect({ holding: [before.got[0]!.token] })
  expect(await submit(back, [aPage(before.got[0]!).submission], Buffer.from('page'))).toEqual(['accepted'])
  expect(await back.emitWithAck('chunk', { token: before.got[0]!.token, index: 0 }, Buffer.alloc(10))).toBe(true)
  expect(await submit(back, [{ ...aPage(before.got[0]!).submission, chunked: true }])).toEqual(['stale'])
})

test.each([
  ['this server', MAX_PAGE_BYTES + 1],
  ['the contract', MAX_BODY_BYTES + 1],
])('a page larger than %s allows is refused with a code, and another miner is given the job', async (_, sizeBytes) => {
  const careless = await connect({ deviceId: 'careless' }, 'careless')
  await enqueue(1)
  const [job] = await waitUntil('the job came', () => careless.got.length > 0 && careless.got)
  const body = Buffer.alloc(sizeBytes)
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    const header = { token: job!.token, index: at / CHUNK_BYTES }
    expect(await careless.emitWithAck('chunk', header, body.subarray(at, at + CHUNK_BYTES))).toBe(true)
  }
  const sha256 = createHash('sha256').update(body).digest('hex')
  const content = { sha256, sizeBytes, encoding: 'identity', storedBytes: sizeBytes }
  const { submission } = aPage(job!)
  const tooLarge = { ...submission!, chunked: true, outcome: { ...submission!.outcome, content } }
  careless.emit('capacity', 0)
  expect(await submit(careless, [tooLarge])).toEqual(['invalid'])
  const metrics = await (await fetch(new URL('/metrics', running.url))).text()
  expect(metrics).toMatch(/quarry_submission_verdicts_total\{verdict="invalid"\} [1-9]/)
  expect(careless.connected).toBe(true)
  expect(stored).toEqual([])
  await works(await connect({ deviceId: 'careful' }, 'careful'))
  expect(stored.map(({ run }) => [run.miner?.deviceId, run.attempt])).toEqual([['careful', 2]])
  expect(await careless.emitWithAck('status')).toMatchObject({ sessionPages: 0, sessionCoins: 0 })
})

test('the newer of two connections of one device wins; another user’s is left alone', async () => {
  const [older, stranger] = [await connect(), await connect({}, 'stranger')]
  const gone = new Promise((resolve) => older.once('disconnect', resolve))
  const newer = await connect()
  expect(await gone).toBe('io server disconnect')
  expect((await newer.emitWithAck('status')).connectedMiners).toBe(2)
  expect(stranger.connected).toBe(true)
})

describe('a hostile miner', () => {
  test('says nonsense of every kind, and the server works on for all', async () => {
    const honest = await connect({ deviceId: 'honest', concurrency: 0 }, 'honest')
    const hostile = (await connect({ deviceId: 'hostile' }, 'hostile')) as unknown as Socket
    const nonsense: unknown[] = [
      null,
      7,
      -1,
      1e308,
      'x',
      '\u0000',
      [],
      {},
      [[]],
      [null],
      { token: 5 },
      Buffer.from('x'),
      true,
      { __proto__: 1 },
    ]
    for (const event of ['submit', 'chunk', 'handBack', 'capacity', 'refresh', 'status', 'draining', 'earned', '']) {
      hostile.emit(event)
      for (const one of nonsense) {
        hostile.emit(event, one)
        hostile.emit(event, one, one, one, one)
        hostile.timeout(50).emit(event, one, Buffer.alloc(3), () => undefined)
        hostile.timeout(50).emit(event, [one], Buffer.alloc(3), () => undefined)
      }
    }
    hostile.emit(
      'submit',
      Array.from({ length: 5000 }, () => ({})),
      Buffer.alloc(0),
      () => undefined,
    )
    hostile.emit(
      'handBack',
      Array.from({ length: 5000 }, () => 'x'),
      () => undefined,
    )
    expect(await hostile.timeout(5000).emitWithAck('submit', [{ token: 'no such' }, null], Buffer.alloc(9))).toEqual([
      'stale',
      'stale',
    ])
    hostile.close()
    await waitUntil('it left', async () => (await honest.emitWithAck('status')).connectedMiners === 1)
    honest.emit('capacity', 1)
    await enqueue(1)
    await works(honest)
  })

  test('floods chunks of tokens that are not its own, and nothing is kept', async () => {
    const hostile = await connect()
    const before = keptBytes()
    for (let token = 0; token < 400; token++) {
      await hostile.emitWithAck('chunk', { token: `t${token}`, index: 0 }, Buffer.alloc(CHUNK_BYTES))
    }
    const grownBytes = keptBytes() - before
    expect(grownBytes).toBeLessThan(64 * 1024 * 1024)
    await enqueue(1)
    await works(hostile)
  })

  test('sends more than a message may hold and is cut off alone', async () => {
    const [honest, hostile] = [await connect({}, 'honest'), await connect({}, 'hostile')]
    const gone = new Promise((resolve) => hostile.once('disconnect', resolve))
    hostile.emit('submit', [], Buffer.alloc(MAX_MESSAGE_BYTES + 1), () => undefined)
    await gone
    await enqueue(1)
    await works(honest)
  })

  test.each([
    ['nothing', {}, 'invalid_input'],
    ['a wrong token', { token: 'x' }, 'token_invalid'],
    ['a device id with a slash', { deviceId: 'a/b' }, 'invalid_input'],
    ['more at once than allowed', { concurrency: 513 }, 'invalid_input'],
    ['a list too long', { holding: Array.from({ length: 4097 }, () => 'x') }, 'invalid_input'],
    ['an old protocol', { protocol: 0 }, 'protocol_unsupported'],
  ])('greets with %s and is refused with a code', async (what, hello, code) => {
    const auth =
      what === 'nothing'
        ? Object.fromEntries(['protocol', 'token', 'deviceId', 'version', 'concurrency'].map((key) => [key, undefined]))
        : hello
    await expect(connect(auth)).rejects.toMatchObject({ data: { error: { code } } })
  })

  test('has no token for mining', async () => {
    await expect(connect({ token: await issuer.token('miner', ['results:read']) })).rejects.toMatchObject({
      data: { error: { code: 'scope_missing' } },
    })
  })
})

test('shutting down waits for the miner’s last results, then ends its connection', async () => {
  const miner = await connect()
  await enqueue(1)
  const [job] = await waitUntil('the job came', () => miner.got.length > 0 && miner.got)
  const told = new Promise<void>((resolve) => miner.once('draining', resolve))
  const stopped = running.stop()
  await told
  expect(await submit(miner, [aPage(job!).submission], Buffer.from('page'))).toEqual(['accepted'])
  await stopped
  expect(stored).toHaveLength(1)
  await waitUntil('the connection ended', () => !miner.connected)
})

test('shutting down ends in time though a miner never answers', async () => {
  const miner = await connect()
  await enqueue(1)
  await waitUntil('the job came', () => miner.got.length > 0)
  const before = performance.now()
  await running.stop()
  expect(performance.now() - before).toBeLessThan(2500)
})
