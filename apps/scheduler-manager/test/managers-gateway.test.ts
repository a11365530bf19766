import { MANAGERS_PATH, PROTOCOL_VERSION } from '@quarry/contracts'
import type { Shard } from '@quarry/domain'
import { startServices, type RunningServices } from '@quarry/service-kit'
import { waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { schedulerManagerService } from '../src/index.ts'

const SECRET = 'test-only-internal-secret-of-thirty-two'

let dataDir: string
let managers: RunningServices[]
let sockets: Socket[]

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'quarry-managers-'))
  managers = []
  sockets = []
})

afterEach(async () => {
  for (const socket of sockets) socket.disconnect()
  for (const manager of managers) await manager.stop()
  rmSync(dataDir, { recursive: true })
})

async function startManager(): Promise<RunningServices> {
  const manager = await startServices([schedulerManagerService], {
    env: {
      QUARRY_DATA: dataDir,
      QUARRY_PORT: '0',
      QUARRY_LOG_LEVEL: 'silent',
      QUARRY_INTERNAL_SECRET: SECRET,
      QUARRY_MANAGER_RENEW_MS: '50',
      QUARRY_MANAGER_TAKE_OVER_MS: '200',
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
  const heard: { shard?: Shard; redirect?: string; refused?: unknown } = {}
  socket.on('shard', (shard: Shard) => (heard.shard = shard))
  socket.on('redirect', (address: string) => (heard.redirect = address))
  socket.on(
    'connect_error',
    (error: Error & { data?: { error: { code: string } } }) => (heard.refused = error.data?.error.code),
  )
  sockets.push(socket)
  return { socket, heard }
}

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

test('without the secret nobody is let in', async () => {
  const manager = await startManager()
  const wrong = connect(manager, 'a', { secret: 'not the secret' })
  const none = connect(manager, 'b', { secret: undefined })
  const odd = connect(manager, 'a b')
  await waitUntil('all are refused', () => wrong.heard.refused && none.heard.refused && odd.heard.refused)
  expect([wrong.heard.refused, none.heard.refused, odd.heard.refused]).toEqual([
    'forbidden',
    'invalid_input',
    'invalid_input',
  ])
})

test('a backup names the primary, and takes over when it is gone', async () => {
  const primary = await startManager()
  const backup = await startManager()
  const asked = connect(backup, 'a')
  await waitUntil('the backup redirects', () => asked.heard.redirect)
  expect(asked.heard.redirect).toBe(primary.url)
  const member = connect(primary, 'b')
  await waitUntil('the primary hands out', () => member.heard.shard)
  await managers.shift()!.stop()
  await waitUntil('the backup leads', () => asked.heard.shard)
  expect(asked.heard.shard!.epoch).toBeGreaterThan(member.heard.shard!.epoch)
})
