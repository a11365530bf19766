import { TokenIssuer } from '@quarry/testkit'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AccessTokens } from '../src/index.ts'

let issuer: TokenIssuer
let uptimeMs: number
let tokens: AccessTokens

beforeEach(async () => {
  issuer = await TokenIssuer.start()
  uptimeMs = 0
  const url = issuer.url
  tokens = new AccessTokens(() => url, { uptimeMs: () => uptimeMs })
})
afterEach(() => issuer.stop().catch(() => undefined))

const refusal = async (token: string, scope?: 'mine') =>
  tokens.verify(token, scope).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )

test('says who asks, with which scopes, and until when', async () => {
  const identity = await tokens.verify(
    await issuer.token('alice', ['mine', 'orders:read'], { claims: { exp: 4_000_000_000, jti: 'j' } }),
    'mine',
  )
  expect(identity).toEqual({
    userId: 'alice',
    scopes: new Set(['mine', 'orders:read']),
    expiresAt: 4_000_000_000_000,
    tokenId: 'j',
  })
})

describe('is refused:', () => {
  const header = (more: Record<string, unknown>) => issuer.token('alice', ['mine'], { header: more })
  const claims = (more: Record<string, unknown>) => issuer.token('alice', ['mine'], { claims: more })
  const unsigned = (alg: string) =>
    [
      { alg, typ: 'at+jwt', kid: 'key-0' },
      { iss: 'quarry', aud: 'quarry', sub: 'alice', scope: 'mine', jti: 'j', exp: 4_000_000_000 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.') + '.'

  test.each<[string, () => Promise<string> | string, string]>([
    ['expired', () => issuer.token('alice', ['mine'], { lifeMs: -10_000 }), 'token_expired'],
    ['not valid yet', () => claims({ nbf: 4_000_000_000 }), 'token_invalid'],
    ['another issuer', () => claims({ iss: 'other' }), 'token_invalid'],
    ['another audience', () => claims({ aud: 'other' }), 'token_invalid'],
    ['another type', () => header({ typ: 'JWT' }), 'token_invalid'],
    ['no subject', () => claims({ sub: undefined }), 'token_invalid'],
    ['no expiry', () => claims({ exp: undefined }), 'token_invalid'],
    ['scopes that are no text', () => claims({ scope: ['mine'] }), 'token_invalid'],
    ['algorithm none', () => unsigned('none'), 'token_invalid'],
    ['a signature of nothing', () => unsigned('EdDSA'), 'token_invalid'],
    [
      'a symmetric signature',
      () =>
        new SignJWT({ scope: 'mine' })
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'key-0' })
          .sign(Buffer.alloc(32)),
      'token_invalid',
    ],
    ['an unknown key', () => header({ kid: 'unknown' }), 'token_invalid'],
    ['no token at all', () => 'x', 'token_invalid'],
    ['the empty one', () => '', 'token_invalid'],
  ])('%s', async (_, make, code) => {
    expect(await refusal(await make())).toBe(code)
  })

  test('the key of another issuer, whatever address its header names', async () => {
    const other = await TokenIssuer.start()
    const token = await other.token('alice', ['mine'], { header: { jku: `${other.url}/keys`, x5u: other.url } })
    expect(await refusal(token)).toBe('token_invalid')
    expect(other.asked).toBe(0)
    await other.stop()
  })

  test('a scope that it does not have', async () => {
    expect(await refusal(await issuer.token('alice', ['orders:read']), 'mine')).toBe('scope_missing')
  })
})

describe('auth is asked for its keys', () => {
  const unknown = () => issuer.token('alice', ['mine'], { header: { kid: `made-up-${Math.random()}` } })

  test('once for any number of tokens, and at most once in 30 s for key names that it does not know', async () => {
    const good = await issuer.token('alice', ['mine'])
    await Promise.all(Array.from({ length: 50 }, () => tokens.verify(good)))
    expect(issuer.asked).toBe(1)
    for (let count = 0; count < 20; count++) expect(await refusal(await unknown())).toBe('token_invalid')
    expect(issuer.asked).toBe(1)
    uptimeMs = 30_001
    for (let count = 0; count < 20; count++) await refusal(await unknown())
    expect(issuer.asked).toBe(2)
  })

  test('no more often while it fails; what it signed before still counts', async () => {
    const good = await issuer.token('alice', ['mine'])
    expect(await refusal(good)).toBe('accepted')
    issuer.status = 500
    uptimeMs = 31_000
    const codes: string[] = []
    for (let count = 0; count < 20; count++) codes.push(await refusal(await unknown()))
    expect(codes[0]).toBe('unavailable')
    expect(issuer.asked).toBe(2)
    await issuer.stop()
    uptimeMs = 3_600_000
    expect(await refusal(good)).toBe('accepted')
  })

  test('again when it did not answer at first: `unavailable`, and the next one succeeds', async () => {
    const good = await issuer.token('alice', ['mine'])
    issuer.status = 503
    expect(await refusal(good)).toBe('unavailable')
    issuer.status = 200
    expect(await refusal(good)).toBe('accepted')
  })

  test('in a rotation under load without one refused request', async () => {
    await tokens.verify(await issuer.token('alice', ['mine']))
    uptimeMs = 60_000
    const before = await issuer.token('alice', ['mine'])
    await issuer.rotate()
    const after = await issuer.token('alice', ['mine'])
    const codes = await Promise.all(Array.from({ length: 200 }, (_, index) => refusal(index % 2 ? before : after)))
    expect(new Set(codes)).toEqual(new Set(['accepted']))
    expect(issuer.asked).toBe(2)
  })
})
