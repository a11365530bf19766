import {
  MANAGERS_PATH,
  PRIMARY_NOTICE_PATH,
  PROTOCOL_VERSION,
  type ManagerList,
  type PrimaryNotice,
  type Redirect,
} from '@quarry/contracts'
import type { Shard } from '@quarry/domain'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { schedulerManagerService } from '../src/index.ts'

const SECRET = 'test-only-internal-secret-of-thirty-two'

let dataDir: string
let managers: RunningServices[]
let sockets: Socket[]
let listeners: Server[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'quarry-managers-'))
  managers = []
  sockets = []
  listeners = []
})

afterEach(async () => {
  for (const socket of sockets) socket.disconnect()
  for (const listener of listeners) listener.close()
  for (const manager of managers) await manager.stop()
  rmSync(dataDir, { recursive: true })
})

async function startManager(env: Record<string, string> = {}): Promise<RunningServices> {
  const manager = await startServices([schedulerManagerService], {
    env: {
      QUARRY_DATA: dataDir,
      QUARRY_PORT: '0',
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_INTERNAL_SECRET: SECRET,
      QUARRY_MANAGER_RENEW_MS: '50',
      QUARRY_MANAGER_TAKE_OVER_MS: '300',
      ...env,
    },
  })
  managers.push(manager)
  return manager
}

function connect({ url }: RunningServices, schedulerId: string, auth: Record<string, unknown> = {}) {
  const socket = io(url, {
    path: MANAGERS_PATH,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: { protocol: PROTOCOL_VERSION, secret: SECRET, schedulerId, ...auth },
  })
  const heard: { shard?: Shard; redirect?: Redirect; managers?: ManagerList; refused?: unknown } = {}
  const hangs = { now: false }
  socket.on('shard', (shard: Shard) => (heard.shard = shard))
  socket.on('redirect', (redirect: Redirect) => (heard.redirect = redirect))
  socket.on('set-managers', (list: ManagerList) => (heard.managers = list))
  socket.on('beat', (_: unknown, answer: () => void) => {
    if (!hangs.now) answer()
  })
  socket.on(
    'connect_error',
    (error: Error & { data?: { error: { code: string } } }) => (heard.refused = error.data?.error.code),
  )
  sockets.push(socket)
  return { socket, heard, hangs }
}

/** Where a scheduler hears of a new primary. */
async function listen(): Promise<{ address: string; notices: PrimaryNotice[] }> {
  const notices: PrimaryNotice[] = []
  const server = createServer((request, response) => {
    expect([request.url, request.headers.authorization]).toEqual([PRIMARY_NOTICE_PATH, `Bearer ${SECRET}`])
    request.on('data', (body: Buffer) => notices.push(JSON.parse(body.toString()) as PrimaryNotice))
    request.on('end', () => response.end('{}'))
  })
  listeners.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, notices }
}

const metricOf = async ({ url }: RunningServices, name: string) =>
  new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(await (await fetch(new URL('/metrics', url))).text())?.[1]

test('schedulers get a shard each, and new ones when somebody comes or goes', async () => {
  const manager = await startManager()
  const [a, b] = [connect(manager, 'a'), connect(manager, 'b')]
  await waitUntil('both have half', () => a.heard.shard?.count === 2 && b.heard.shard?.count === 2)
  expect([a.heard.shard?.index, b.heard.shard?.index].sort()).toEqual([0, 1])
  const { epoch } = b.heard.shard!
  await a.socket.emitWithAck('leave')
  await waitUntil('b has all', () => b.heard.shard?.count === 1)
  expect(b.heard.shard!.epoch).toBeGreaterThan(epoch)
  connect(manager, 'c')
  await waitUntil('b has half again', () => b.heard.shard?.count === 2)
})

test('a scheduler that connects twice counts once, by its newer connection', async () => {
  const manager = await startManager()
  const first = connect(manager, 'a')
  await waitUntil('a has a shard', () => first.heard.shard)
  const second = connect(manager, 'a')
  await waitUntil('the newer connection has it', () => second.heard.shard)
  expect(second.heard.shard).toMatchObject({ index: 0, count: 1 })
  await waitUntil('the older one is closed', () => first.socket.disconnected)
})

test('a scheduler that hangs is left out although its connection stands', async () => {
  const manager = await startManager()
  const [a, b] = [connect(manager, 'a'), connect(manager, 'b')]
  await waitUntil('both have half', () => a.heard.shard?.count === 2 && b.heard.shard?.count === 2)
  a.hangs.now = true
  await waitUntil('b has all', () => b.heard.shard?.count === 1)
  expect(a.socket.connected).toBe(false)
})

test('two schedulers of the same id both work, and are counted', async () => {
  const manager = await startManager()
  const [one, other] = [connect(manager, 'a', { instance: 'one' }), connect(manager, 'a', { instance: 'other' })]
  await waitUntil('both have half', () => one.heard.shard?.count === 2 && other.heard.shard?.count === 2)
  expect([one.heard.shard?.index, other.heard.shard?.index].sort()).toEqual([0, 1])
  expect(await metricOf(manager, 'quarry_manager_duplicate_ids_total')).toBe('1')
})

test('a scheduler that acts on a higher epoch than any given gets a higher one still', async () => {
  const manager = await startManager()
  const shard = { index: 0, count: 1, epoch: 2 ** 50 }
  const { heard } = connect(manager, 'a', { shard })
  await waitUntil('it has a shard', () => heard.shard)
  expect(heard.shard!.epoch).toBeGreaterThan(shard.epoch)
})

test('without the secret, or with a protocol of tomorrow, nobody is let in', async () => {
  const manager = await startManager()
  const refused = [
    connect(manager, 'a', { secret: 'not the secret' }),
    connect(manager, 'b', { secret: undefined }),
    connect(manager, 'a b'),
    connect(manager, 'c', { protocol: PROTOCOL_VERSION + 1 }),
  ]
  await waitUntil('all are refused', () => refused.every(({ heard }) => heard.refused))
  expect(refused.map(({ heard }) => heard.refused)).toEqual([
    'forbidden',
    'invalid_input',
    'invalid_input',
    'protocol_unsupported',
  ])
})

test('a backup names the primary, and takes over when it is gone', async () => {
  const primary = await startManager()
  const backup = await startManager()
  const asked = connect(backup, 'a')
  await waitUntil('the backup redirects', () => asked.heard.redirect)
  expect(asked.heard.redirect).toEqual({ address: primary.url, leaderEpoch: 1 })
  const member = connect(primary, 'b')
  await waitUntil('the primary hands out', () => member.heard.shard)
  await managers.shift()!.stop()
  await waitUntil('the backup leads', () => asked.heard.shard)
  expect(asked.heard.shard!.epoch).toBeGreaterThan(member.heard.shard!.epoch)
})

test('a backup that takes over knows the schedulers, keeps their shards, and tells them itself', async () => {
  const primary = await startManager()
  const backup = await startManager()
  const members = await Promise.all(
    ['a', 'b', 'c'].map(async (id) => {
      const { address, notices } = await listen()
      return { id, address, notices, ...connect(primary, id, { address }) }
    }),
  )
  await waitUntil('each has a third', () => members.every(({ heard }) => heard.shard?.count === 3))
  await waitUntil('the backup follows', () => members.every(({ heard }) => heard.managers?.addresses.length === 2))
  await waitUntil('it knows three', async () => (await metricOf(backup, 'quarry_manager_schedulers')) === '3')
  const before = members.map(({ heard }) => heard.shard!)
  await managers.shift()!.stop()
  await waitUntil('all are told', () => members.every(({ notices }) => notices.length > 0))
  expect(members[0]!.notices[0]).toMatchObject({ address: backup.url, leaderEpoch: 2 })
  const again = connect(backup, 'c', { shard: before[2], address: members[2]!.address })
  await waitUntil('c has its shard again', () => again.heard.shard)
  expect(again.heard.shard).toMatchObject({ index: before[2]!.index, count: 3 })
  expect(again.heard.shard!.epoch).toBeGreaterThan(Math.max(...before.map(({ epoch }) => epoch)))
  await waitUntil('those who do not come are left out', () => again.heard.shard?.count === 1)
})

test('a primary that ends hands over at once, long before its lease has stood still', async () => {
  await startManager({ QUARRY_MANAGER_TAKE_OVER_MS: '60000', QUARRY_MANAGER_RENEW_MS: '500' })
  const backup = await startManager({ QUARRY_MANAGER_TAKE_OVER_MS: '60000', QUARRY_MANAGER_RENEW_MS: '500' })
  await waitUntil('it follows', async () => (await metricOf(managers[0]!, 'quarry_manager_backups')) === '1')
  await managers.shift()!.stop()
  await waitUntil('the backup leads', async () => (await metricOf(backup, 'quarry_manager_leads')) === '1')
})

test('two managers of the same id are told apart by the lease, and are counted', async () => {
  const primary = await startManager({ QUARRY_MANAGER_ID: 'm' })
  const backup = await startManager({ QUARRY_MANAGER_ID: 'm' })
  await waitUntil('it is noticed', async () => (await metricOf(primary, 'quarry_manager_duplicate_ids_total')) === '1')
  expect(await metricOf(primary, 'quarry_manager_leads')).toBe('1')
  expect(await metricOf(backup, 'quarry_manager_leads')).toBe('0')
})

test('what a manager announces is the address that its operator gives it', async () => {
  await startManager({ QUARRY_ADVERTISED_URL: 'http://manager-1.example:8080/' })
  const backup = await startManager()
  const { heard } = connect(backup, 'a')
  await waitUntil('the backup redirects', () => heard.redirect)
  expect(heard.redirect!.address).toBe('http://manager-1.example:8080')
})
