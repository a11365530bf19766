import { GUEST_GRANT, PROTOCOL_VERSION } from '@quarry/contracts'
import { waitUntil } from '@quarry/testkit'
import { connect as connectTcp } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stageClock, startStage, type Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(() => stage.stop())

const refused = (code: string, words = /./) => ({
  data: { error: { code, message: expect.stringMatching(words) as string } },
})
const port = () => Number(new URL(stage.running.url).port)

/** A bare upgrade to WebSocket; resolves with what the server says until it ends the connection, and after how long. */
function upgrade(path: string, extra = ''): Promise<{ answer: string; afterMs: number }> {
  return new Promise((resolve) => {
    const begun = performance.now()
    let answer = ''
    const socket = connectTcp(port(), '127.0.0.1', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`,
      )
    })
    socket.on('data', (data) => (answer += data.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ answer, afterMs: performance.now() - begun }))
  })
}

const ended = (socket: Socket) =>
  new Promise<unknown>((resolve) => {
    let why: unknown
    socket.on('refused', (error: unknown) => (why = error))
    socket.once('disconnect', () => resolve(why))
  })

describe('a greeting', () => {
  test('of an older or newer protocol is told to upgrade', async () => {
    for (const protocol of [PROTOCOL_VERSION - 1, PROTOCOL_VERSION + 1]) {
      await expect(stage.connect({ auth: { protocol } })).rejects.toMatchObject(
        refused('protocol_unsupported', /upgrade/),
      )
    }
  })

  test.each([[{ protocol: 'x' }], [{ protocol: undefined }], [{ token: 5 }], [{ token: undefined }], [{ name: {} }]])(
    '%j is refused',
    async (auth) => {
      await expect(stage.connect({ auth })).rejects.toMatchObject(refused('invalid_input'))
    },
  )

  test('of a guest is refused, but where nothing can be done but listening', async () => {
    const token = await stage.issuer.token('alice', ['mine'], { claims: { grant: GUEST_GRANT } })
    await expect(stage.connect({ auth: { token } })).rejects.toMatchObject(refused('guest_read_only'))
    expect((await stage.connect({ path: '/two', auth: { token } })).connected).toBe(true)
  })

  test('without a valid token, or with auth away, is refused with a code', async () => {
    await expect(stage.connect({ auth: { token: 'x' } })).rejects.toMatchObject(refused('token_invalid'))
    stage.issuer.status = 500
    await expect(stage.connect()).rejects.toMatchObject(refused('unavailable'))
    stage.issuer.status = 200
    expect((await stage.connect()).connected).toBe(true)
  })
})

describe('one account', () => {
  test('has so many connections, no more when they come at once, and room again when one ends', async () => {
    await stage.connect({ user: 'bob' })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => stage.connect()))
    const sockets = outcomes.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    expect(sockets).toHaveLength(3)
    await expect(stage.connect()).rejects.toMatchObject(refused('too_many_requests'))
    sockets[0]!.close()
    await waitUntil('there is room', () => stage.connect().catch(() => false as const))
  })

  test('that sends far too much is cut off, another is not', async () => {
    const [flooding, calm] = [await stage.connect(), await stage.connect({ user: 'bob' })]
    const why = ended(flooding)
    for (let count = 0; count < 3000; count++) flooding.emit('who')
    expect(await why).toMatchObject({ error: { code: 'too_many_requests' } })
    expect(await calm.emitWithAck('who')).toBe('/one bob')
  })
})

describe('a session', () => {
  const expiring = (lifeMs: number, user = 'alice') => stage.issuer.token(user, ['mine'], { lifeMs })

  test('ends when its token does, with a word', async () => {
    const socket = await stage.connect({ path: '/two', auth: { token: await expiring(60_000) } })
    const why = ended(socket)
    await stageClock.advance(58_000)
    expect(socket.connected).toBe(true)
    await stageClock.advance(4_000)
    expect(await why).toMatchObject({ error: { code: 'token_expired' } })
  })

  test('goes on with a fresh token of the same user; any other changes nothing', async () => {
    const socket = await stage.connect({ path: '/two', auth: { token: await expiring(60_000) } })
    expect(await socket.emitWithAck('refresh', await expiring(300_000, 'mallory'))).toMatchObject({
      error: { code: 'forbidden' },
    })
    for (const nonsense of ['', 'x', null, {}, 5]) {
      expect(await socket.emitWithAck('refresh', nonsense)).toMatchObject({ error: { code: 'token_invalid' } })
    }
    socket.emit('refresh', 'without an answer')
    expect(await socket.emitWithAck('refresh', await expiring(300_000))).toBeUndefined()
    await stageClock.advance(100_000)
    expect(await socket.emitWithAck('who')).toBe('/two alice')
    const why = ended(socket)
    await stageClock.advance(205_000)
    expect(await why).toMatchObject({ error: { code: 'token_expired' } })
  })
})

describe('connections', () => {
  test('two servers share one port', async () => {
    const [one, two] = [await stage.connect(), await stage.connect({ path: '/two' })]
    expect(await one.emitWithAck('who')).toBe('/one alice')
    expect(await two.emitWithAck('who')).toBe('/two alice')
  })

  test('of a foreign site are refused, of our own and of programs not', async () => {
    await expect(stage.connect({ headers: { origin: 'https://evil.example' } })).rejects.toThrow()
    await expect(stage.connect({ headers: { origin: 'null' } })).rejects.toThrow()
    expect((await stage.connect({ headers: { origin: stage.running.url } })).connected).toBe(true)
    expect((await upgrade('/one/?EIO=4&transport=websocket', 'Origin: https://evil.example\r\n')).answer).toMatch(
      /^HTTP\/1.1 (400|403)/,
    )
  })

  test.each(['/nowhere/', '/one', '/one?EIO=4&transport=websocket', '/onemore/', '/', '/api/v1/test/open'])(
    'to %s are ended at once',
    async (path) => {
      const { answer, afterMs } = await upgrade(path)
      expect(answer).not.toContain('101')
      expect(afterMs).toBeLessThan(2000)
    },
  )

  test('of a browser that polls first and upgrades stay once signed in', async () => {
    const token = await stage.issuer.token('alice', ['mine'])
    const socket = io(stage.running.url, {
      path: '/one',
      auth: { protocol: PROTOCOL_VERSION, token },
      reconnection: false,
      forceNew: true,
    })
    await waitUntil('it upgraded', () => socket.io.engine?.transport.name === 'websocket' && socket.connected)
    await new Promise((resolve) => setTimeout(resolve, 5500))
    expect(await socket.emitWithAck('who')).toBe('/one alice')
    socket.close()
  })

  test('that never sign in are gone within 5 s', async () => {
    const { answer, afterMs } = await upgrade('/one/?EIO=4&transport=websocket')
    expect(answer).toContain('101 Switching Protocols')
    expect(afterMs).toBeGreaterThan(2000)
    expect(afterMs).toBeLessThan(6000)
  })
})
