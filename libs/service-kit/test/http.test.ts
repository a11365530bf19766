import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SECRET, startStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.stop())

const post = (body: BodyInit, type = 'application/json') =>
  stage.call('/api/v1/test/json', { method: 'POST', headers: { 'content-type': type }, body })

describe('what cannot be read is answered with 4xx, a code, and words that say what is wrong:', () => {
  test.each<[string, () => Promise<Awaited<ReturnType<Stage['call']>>>, number, string, RegExp]>([
    ['broken JSON', () => post('{"a":'), 400, 'malformed_json', /not valid JSON/],
    ['no body', () => post(''), 400, 'malformed_json', /empty/],
    ['bytes that are no UTF-8', () => post(Uint8Array.of(0x22, 0xff)), 400, 'malformed_json', /not valid JSON/],
    ['a prototype', () => post('{"__proto__":{"a":1}}'), 400, 'malformed_json', /JSON/],
    ['more than 1 MiB', () => post(JSON.stringify('x'.repeat(2_000_000))), 413, 'body_too_large', /1 MiB/],
    [
      'a form',
      () => post('a=1', 'application/x-www-form-urlencoded'),
      415,
      'unsupported_media_type',
      /application\/json/,
    ],
    ['plain text', () => post('{"a":1}', 'text/plain'), 415, 'unsupported_media_type', /application\/json/],
    ['another field', () => post('{"a":1,"b":2}'), 400, 'invalid_input', /b/],
    ['another type', () => post('{"a":"1"}'), 400, 'invalid_input', /a: /],
    ['an unknown address', () => stage.call('/api/v1/nothing'), 404, 'not_found', /nothing at this address/],
    ['another method', () => stage.call('/api/v1/test/open', { method: 'DELETE' }), 404, 'not_found', /nothing/],
    ['a malformed address', () => stage.call('/%ff'), 400, 'invalid_input', /not a valid URL/],
    ['an endless address', () => stage.call(`/api/v1/${'x'.repeat(9000)}`), 404, 'not_found', /nothing/],
  ])('%s', async (_, send, status, code, words) => {
    const answer = await send()
    expect(answer).toMatchObject({ status, code })
    expect((answer.body as { error: { message: string } }).error.message).toMatch(words)
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts|Exception/)
  })
})

test('a fault of our own is 500 without its text, and no SyntaxError of ours is blamed on the caller', async () => {
  const answer = await stage.call('/api/v1/test/broken')
  expect(answer).toMatchObject({ status: 500, code: 'internal' })
  expect(JSON.stringify(answer.body)).not.toContain('hunter2')
  expect((answer.body as { error: { requestId: string } }).error.requestId).toBe(answer.headers.get('x-request-id'))
})

test('every answer has the headers that keep browsers from guessing', async () => {
  const { headers } = await stage.call('/api/v1/test/open')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
})

describe('routes are guarded', () => {
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  test('open ones let everybody in, the scope’s only its bearers, internal ones only the secret', async () => {
    const mine = await stage.issuer.token('alice', ['mine'])
    const other = await stage.issuer.token('alice', ['orders:read'])
    expect((await stage.call('/api/v1/test/open')).status).toBe(200)
    expect(await stage.call('/api/v1/test/mine', as(mine))).toMatchObject({ status: 200, body: { userId: 'alice' } })
    expect(await stage.call('/api/v1/test/mine', as(other))).toMatchObject({ status: 403, code: 'scope_missing' })
    expect(await stage.call('/api/v1/test/mine')).toMatchObject({ status: 401, code: 'not_signed_in' })
    expect(await stage.call('/api/v1/test/mine', as(SECRET))).toMatchObject({ status: 401, code: 'token_invalid' })
    expect(await stage.call('/api/v1/test/internal', as(SECRET))).toMatchObject({ status: 200 })
    expect(await stage.call('/api/v1/test/internal', as(mine))).toMatchObject({ status: 403, code: 'forbidden' })
  })

  test('one without an annotation is closed, whoever asks', async () => {
    expect((await stage.call('/api/v1/test/forgotten')).status).toBe(401)
    expect(
      await stage.call('/api/v1/test/forgotten', as(await stage.issuer.token('alice', ['mine', 'account']))),
    ).toMatchObject({ code: 'forbidden' })
  })
})

test('health tells that the process lives, readiness what it needs', async () => {
  expect(await stage.call('/healthz')).toMatchObject({ status: 200, body: { status: 'ok', service: 'test' } })
  expect(await stage.call('/readyz')).toMatchObject({ status: 200, body: { checks: { database: 'ok' } } })
})
