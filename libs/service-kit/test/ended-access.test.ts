import type { LiveEvents } from '@quarry/messaging-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIVE_EVENTS } from '../src/index.ts'
import { startStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.stop())

const granted = (grant: string, user = 'alice') => stage.issuer.token(user, ['mine'], { claims: { grant } })
const tell = (userId: string, ...grants: string[]) =>
  stage.running.app.get<LiveEvents>(LIVE_EVENTS).publish('access', { kind: 'access-ended', userId, grants })
const asks = async (token: string) =>
  (await stage.call('/api/v1/test/mine', { headers: { authorization: `Bearer ${token}` } })).code ?? 'taken'

test('open sockets of what is over end within a second, with a code; others stay', async () => {
  const connect = async (grant: string, user = 'alice') =>
    stage.connect({ auth: { token: await granted(grant, user) } })
  const [ending, sameToo] = [await connect('token:1'), await connect('token:1')]
  const staying = [await connect('token:2'), await connect('token:1', 'bob')]
  const reasons = [ending, sameToo].map(
    (socket) => new Promise((resolve) => socket.once('refused', (body: unknown) => resolve(body))),
  )
  const started = performance.now()
  tell('alice', 'token:1')
  for (const reason of reasons) expect(await reason).toMatchObject({ error: { code: 'token_invalid' } })
  await expect.poll(() => [ending.connected, sameToo.connected]).toEqual([false, false])
  expect(performance.now() - started).toBeLessThan(1000)
  for (const socket of staying) expect(await socket.emitWithAck('who')).toMatch(/alice|bob/)
})

test('an access token that is still about opens nothing any more, neither a socket nor a route', async () => {
  const token = await granted('session:9')
  expect(await asks(token)).toBe('taken')
  tell('alice', 'session:8', 'session:9')
  await expect.poll(() => asks(token)).toBe('token_invalid')
  await expect(stage.connect({ auth: { token } })).rejects.toMatchObject({
    data: { error: { code: 'token_invalid' } },
  })
  expect(await asks(await granted('session:9', 'bob'))).toBe('taken')
  expect(await asks(await granted('session:10'))).toBe('taken')
})

test('a socket that went on with a fresh token ends with what that one was given for', async () => {
  const socket = await stage.connect({ path: '/two', auth: { token: await granted('token:20') } })
  expect(await socket.emitWithAck('refresh', await granted('token:21'))).toBeUndefined()
  tell('alice', 'token:20')
  await expect.poll(async () => asks(await granted('token:20'))).toBe('token_invalid')
  expect(await socket.emitWithAck('who')).toBe('/two alice')
  const refused = new Promise((resolve) => socket.once('refused', resolve))
  tell('alice', 'token:21')
  expect(await refused).toMatchObject({ error: { code: 'token_invalid' } })
})
