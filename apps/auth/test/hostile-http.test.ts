import { createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader, SignJWT, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf, people, startAuth, type RunningAuth } from './running-auth.ts'

let auth: RunningAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.stop())

const { loggedIn } = people(() => auth)

describe('a forged access token is refused:', () => {
  const claims = { iss: 'quarry', aud: 'quarry', scope: 'account', jti: 'x' }
  const hour = () => ({ iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300 })
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const listed = (token: string) =>
    auth.call('GET', '/api/v1/auth/tokens', { headers: { authorization: `Bearer ${token}` } })

  async function genuine(): Promise<{ token: string; kid: string; jwk: JWK; sub: string }> {
    const { login } = await loggedIn()
    const token = login.body.accessToken as string
    const jwks = await auth.call('GET', '/.well-known/jwks.json')
    expect((await listed(token)).status).toBe(200)
    const { userId } = login.body.user as { userId: string }
    return { token, kid: decodeProtectedHeader(token).kid!, jwk: (jwks.body.keys as JWK[])[0]!, sub: userId }
  }

  async function refused(token: string): Promise<void> {
    expect(codeOf(await listed(token))).toEqual([401, 'token_invalid'])
  }

  it('alg none', async () => {
    const { kid, sub } = await genuine()
    await refused(`${part({ alg: 'none', typ: 'at+jwt', kid })}.${part({ ...claims, sub, ...hour() })}.`)
  })

  it('HS256 with the public key as secret', async () => {
    const { kid, sub, jwk } = await genuine()
    const body = `${part({ alg: 'HS256', typ: 'at+jwt', kid })}.${part({ ...claims, sub, ...hour() })}`
    for (const secret of [JSON.stringify(jwk), jwk.x!, Buffer.from(jwk.x!, 'base64url')]) {
      await refused(`${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`)
    }
  })

  it('another key, by the true kid, by another kid, and named in jwk, jku and x5u', async () => {
    const { kid, sub } = await genuine()
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const jwk = publicKey.export({ format: 'jwk' }) as JWK
    const url = 'https://evil.example/keys.json'
    for (const header of [
      { kid },
      { kid: 'other' },
      {},
      { kid: 'other', jwk },
      { kid: 'other', jku: url },
      { kid, x5u: url },
    ]) {
      const forged = new SignJWT({ ...claims, sub, ...hour() }).setProtectedHeader({
        alg: 'EdDSA',
        typ: 'at+jwt',
        ...header,
      })
      await refused(await forged.sign(privateKey))
    }
  })

  it('claims changed after signing', async () => {
    const { token } = await genuine()
    const [header, , signature] = token.split('.')
    await refused(`${header}.${part({ ...claims, sub: 'somebody', ...hour() })}.${signature}`)
  })
})

describe('nonsense is answered with a 4xx and a code:', () => {
  const send = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    auth.call('POST', `/api/v1/auth/${path}`, { headers: { 'content-type': 'application/json', ...headers }, body })

  it.each([
    ['not JSON', '{"email":', {}, 400, 'malformed_json'],
    ['nothing', '', {}, 400, 'malformed_json'],
    ['a list', '[]', {}, 400, 'invalid_input'],
    ['null', 'null', {}, 400, 'invalid_input'],
    ['a number as password', '{"email":"a@example.com","password":12345678}', {}, 400, 'invalid_input'],
    ['a list as address', '{"email":["a@example.com"],"password":"long enough"}', {}, 400, 'invalid_input'],
    [
      'more than was asked for',
      '{"email":"a@example.com","password":"long enough","admin":true}',
      {},
      400,
      'invalid_input',
    ],
    [
      'a password of 1,025 characters',
      JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(1025) }),
      {},
      400,
      'invalid_input',
    ],
    [
      'two megabytes',
      JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(2_000_000) }),
      {},
      413,
      'body_too_large',
    ],
    ['XML', '<email/>', { 'content-type': 'application/xml' }, 415, 'unsupported_media_type'],
    ['half a form', 'email=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    ['bytes that are no UTF-8', Uint8Array.from([0x22, 0xff, 0xfe]), {}, 400, 'malformed_json'],
    ['the prototype', '{"__proto__":{"email":"a@example.com"},"password":"long enough"}', {}, 400, undefined],
  ] as const)('%s', async (_, body, headers, status, code) => {
    for (const path of ['register', 'login']) {
      const answer = await send(path, body, headers)
      expect(answer.status).toBe(status)
      if (code) expect(answer.body.error?.code).toBe(code)
      expect(JSON.stringify(answer.body)).not.toMatch(/at .*\.ts|node_modules/)
    }
  })

  it('a body missing altogether, odd bearers and odd cookies', async () => {
    expect((await auth.post('/api/v1/auth/login')).status).toBeLessThan(500)
    for (const authorization of [
      'Bearer',
      'Bearer x.y.z',
      'Basic YTpi',
      `Bearer ${'x'.repeat(4000)}`,
      'Bearer qry_short',
    ]) {
      expect((await auth.post('/api/v1/auth/token', undefined, { authorization })).status).toBe(401)
      expect((await auth.call('GET', '/api/v1/auth/tokens', { headers: { authorization } })).status).toBe(401)
    }
    for (const cookie of [
      '__Host-quarry-session=',
      '__Host-quarry-session=%',
      '=',
      ';;;',
      '__Host-quarry-session=a.b.c',
      '__proto__=x',
    ]) {
      expect(codeOf(await auth.post('/api/v1/auth/refresh', undefined, { cookie }))).toEqual([401, 'not_signed_in'])
    }
    const { bearer } = await loggedIn()
    expect(codeOf(await auth.call('DELETE', '/api/v1/auth/tokens/%00..%2f', { headers: bearer }))).toEqual([
      404,
      'not_found',
    ])
  })
})
