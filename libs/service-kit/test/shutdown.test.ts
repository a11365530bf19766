import { aRun, waitUntil } from '@quarry/testkit'
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, Readiness, startServices } from '../src/index.ts'
import { startStage, TestModule, type Stage } from './stage.ts'

describe('stopping', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await startStage()
  })
  afterEach(() => stage.stop())

  const timed = async () => {
    const begun = performance.now()
    await stage.running.stop()
    return performance.now() - begun
  }

  test('ends connections that nobody else ends: signed in, silent, and half a request', async () => {
    const socket = await stage.connect()
    const port = Number(new URL(stage.running.url).port)
    const silent = [
      connectTcp(port, '127.0.0.1', function (this: { write(text: string): void }) {
        this.write(
          'GET /one/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
        )
      }),
      connectTcp(port, '127.0.0.1', function (this: { write(text: string): void }) {
        this.write('POST /api/v1/test/json HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n')
      }),
    ]
    let ended = 0
    for (const tcp of silent)
      tcp
        .resume()
        .on('error', () => undefined)
        .on('close', () => ended++)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await timed()).toBeLessThan(1800)
    await waitUntil('all are gone', () => ended === 2 && !socket.connected, 2000)
  })

  test('ends in time though somebody waits for a confirmation that never comes; he gets an answer', async () => {
    const { bus } = stage.running.engines
    const published = bus.results.publish([{ v: 1, run: aRun() }]).then(
      () => 'confirmed',
      (error: unknown) => (error as Error).name,
    )
    expect(await timed()).toBeLessThan(2500)
    expect(await published).toBe('UnknownOutcome')
  })

  test('twice is once, and nothing is served afterwards', async () => {
    await Promise.all([stage.running.stop(), stage.running.stop()])
    await expect(fetch(stage.running.url)).rejects.toThrow()
  })
})

describe('what cannot start says what to mend:', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quarry-start-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const start = (env: Record<string, string>) =>
    startServices([{ name: 'test', module: TestModule, needs: [] }], {
      env: {
        QUARRY_PORT: '0',
        QUARRY_DATA: folder,
        QUARRY_LOG_LEVEL: 'silent',
        QUARRY_INTERNAL_SECRET: 'x'.repeat(32),
        ...env,
      },
    })

  test('a port in use; and the database is free again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const error = await start({ QUARRY_PORT: String(port) }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).toContain(`Port ${port}`)
    other.close()
    const running = await start({})
    await running.stop()
  })

  test.each([
    ['a folder that is a file', () => ({ QUARRY_DATA: join(folder, 'file', 'data') }), /data folder .* cannot be used/],
    ['a database that is none', () => ({ QUARRY_DATA: folder }), /data folder .* cannot be used/],
    [
      'an address of another machine',
      () => ({ QUARRY_HOST: '203.0.113.1', QUARRY_DATA: join(folder, 'fresh') }),
      /203\.0\.113\.1 is not an address/,
    ],
    ['no secret', () => ({ QUARRY_INTERNAL_SECRET: '' }), /QUARRY_INTERNAL_SECRET is not set/],
  ])('%s', async (_, env, words) => {
    writeFileSync(join(folder, 'file'), 'x')
    writeFileSync(join(folder, 'quarry.db'), 'this is no database, and long enough to be looked at'.repeat(100))
    const error = await start(env()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).toMatch(words)
  })
})

test('readiness: a check that never ends counts as failed', async () => {
  const readiness = new Readiness('test')
  readiness.add('fine', () => undefined)
  readiness.add('hangs', () => new Promise<void>(() => undefined))
  readiness.add('throws', () => {
    throw new Error('no route')
  })
  expect(await readiness.view()).toEqual({
    status: 'unready',
    service: 'test',
    checks: { fine: 'ok', hangs: 'does not answer', throws: 'no route' },
  })
  readiness.drain()
  expect((await readiness.view()).checks).toMatchObject({ process: 'is shutting down' })
})
