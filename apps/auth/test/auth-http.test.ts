import { createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader, SignJWT, type JWK } from 'jose'
import { generate } from 'otplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookiesOf, startAuth, type Answer, type RunningAuth } from './running-auth.ts'

let auth: RunningAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.stop())

const password = 'plum tree in the rain'
let people = 0
async function registered(): Promise<{ email: string; password: string }> {
  const person = { email: `person-${people++}@example.com`, password }
  const answer = await auth.post('/api/v1/auth/register', person)
  expect(answer.status).toBe(202)
  return person
}

async function loggedIn(): Promise<{ email: string; bearer: Record<string, string>; cookie: string; login: Answer }> {
  const person = await registered()
  const login = await auth.post('/api/v1/auth/login', person)
  expect(login.status).toBe(200)
  const bearer = { authorization: `Bearer ${login.body.accessToken as string}` }
  return { email: person.email, bearer, cookie: cookiesOf(login), login }
}

const codeOf = (answer: Answer) => [answer.status, answer.body.error?.code]

describe('log-in', () => {
  it('takes an address in any case, answers a session, and sets locked-down cookies', async () => {
    const person = await registered()
    const answer = await auth.post('/api/v1/auth/login', { ...person, email: person.email.toUpperCase() })
    expect(answer.body).toMatchObject({ user: { email: person.email, totpEnabled: false } })
    expect(answer.body.expiresAt as number).toBeLessThanOrEqual(Date.now() + 300_000)
    const cookies = answer.headers.getSetCookie()
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-quarry-session', '__Host-quarry-device'])
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; Path=\//)
      expect(cookie).toMatch(/; HttpOnly/)
      expect(cookie).toMatch(/; Secure/)
      expect(cookie).toMatch(/; SameSite=Strict/)
      expect(cookie).not.toMatch(/Domain/i)
    }
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('tells neither by text nor by status whether an address is known, before and after many tries', async () => {
    const { email } = await registered()
    const said = (answer: Answer) => {
      const { requestId, retryAfterMs, ...error } = answer.body.error as Record<string, unknown>
      expect(requestId).toBeDefined()
      expect(retryAfterMs === undefined).toBe(error.code !== 'too_many_requests')
      return { status: answer.status, error, headers: [...answer.headers.keys()].sort() }
    }
    for (let round = 0; round < 3; round++) {
      const known = await auth.post('/api/v1/auth/login', { email, password: 'wrong' })
      const unknown = await auth.post('/api/v1/auth/login', { email: `no-${email}`, password: 'wrong' })
      expect(said(unknown)).toEqual(said(known))
      expect(known.body.error?.code).toBe(round === 0 ? 'sign_in_failed' : 'too_many_requests')
    }
  })

  it('evaluates at most 10 of 1,000 guesses', async () => {
    const { email } = await registered()
    let evaluated = 0
    for (let batch = 0; batch < 20; batch++) {
      const guesses = Array.from({ length: 50 }, (_, n) =>
        auth.post('/api/v1/auth/login', { email, password: `guess ${batch} ${n}` }),
      )
      for (const answer of await Promise.all(guesses)) {
        if (answer.body.error?.code === 'sign_in_failed') evaluated++
        else expect(codeOf(answer)).toEqual([429, 'too_many_requests'])
      }
    }
    expect(evaluated).toBeGreaterThan(0)
    expect(evaluated).toBeLessThanOrEqual(10)
  })

  it('lets the owner in from a browser that was in before, while strangers guess', async () => {
    const { email, cookie } = await loggedIn()
    for (let n = 0; n < 20; n++) await auth.post('/api/v1/auth/login', { email, password: 'wrong' })
    expect(codeOf(await auth.post('/api/v1/auth/login', { email, password }))).toEqual([429, 'too_many_requests'])
    const owner = await auth.post('/api/v1/auth/login', { email, password }, { cookie })
    expect(owner.status).toBe(200)
  })
})

describe('registration', () => {
  it('answers a known address as an unknown one, and changes nothing', async () => {
    const person = await registered()
    const first = await auth.post('/api/v1/auth/register', {
      email: `new-${person.email}`,
      password: 'another fine password',
    })
    const again = await auth.post('/api/v1/auth/register', { ...person, password: 'another fine password' })
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect((await auth.post('/api/v1/auth/login', person)).status).toBe(200)
  })

  it.each(['password123', 'PASSWORD123'])('refuses the common password %s', async (common) => {
    const answer = await auth.post('/api/v1/auth/register', { email: 'common@example.com', password: common })
    expect(codeOf(answer)).toEqual([400, 'password_too_common'])
  })

  it('takes blanks, NUL, emoji and a thousand characters', async () => {
    for (const odd of [' '.repeat(7) + 'a', 'nul\0inside', '🌧🌳🌧🌳🌧🌳🌧🌳', 'пароль'.repeat(170)]) {
      const person = { email: `odd-${people++}@example.com`, password: odd }
      expect((await auth.post('/api/v1/auth/register', person)).status).toBe(202)
      expect((await auth.post('/api/v1/auth/login', person)).status).toBe(200)
    }
  })
})

describe('a session', () => {
  it('is refreshed by its cookie, once with each token; a reused one ends it', async () => {
    const { cookie } = await loggedIn()
    const second = await auth.post('/api/v1/auth/refresh', undefined, { cookie })
    expect(second.status).toBe(200)
    expect(cookiesOf(second)).not.toBe(cookie)
    expect(codeOf(await auth.post('/api/v1/auth/refresh', undefined, { cookie }))).toEqual([401, 'not_signed_in'])
    const ended = await auth.post('/api/v1/auth/refresh', undefined, { cookie: cookiesOf(second) })
    expect(codeOf(ended)).toEqual([401, 'not_signed_in'])
    expect(ended.headers.getSetCookie()[0]).toMatch(/^__Host-quarry-session=;/)
  })

  it('ends with log-out, at once', async () => {
    const { cookie } = await loggedIn()
    const out = await auth.post('/api/v1/auth/logout', undefined, { cookie })
    expect(out.status).toBe(204)
    expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-quarry-session=;/)
    expect(codeOf(await auth.post('/api/v1/auth/refresh', undefined, { cookie }))).toEqual([401, 'not_signed_in'])
    expect((await auth.post('/api/v1/auth/logout')).status).toBe(204)
  })

  it("is another one after each log-in; the browser's former one is over", async () => {
    const { email, cookie } = await loggedIn()
    const again = await auth.post('/api/v1/auth/login', { email, password }, { cookie })
    expect(again.status).toBe(200)
    expect(codeOf(await auth.post('/api/v1/auth/refresh', undefined, { cookie }))).toEqual([401, 'not_signed_in'])
    expect((await auth.post('/api/v1/auth/refresh', undefined, { cookie: cookiesOf(again) })).status).toBe(200)
  })

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
  ])('is not touched on behalf of another site: %j', async (headers) => {
    const { cookie } = await loggedIn()
    for (const path of ['refresh', 'logout']) {
      expect(codeOf(await auth.post(`/api/v1/auth/${path}`, undefined, { cookie, ...headers }))).toEqual([
        403,
        'cross_site',
      ])
    }
    const own = { cookie, origin: auth.running.url, 'sec-fetch-site': 'same-origin' }
    expect((await auth.post('/api/v1/auth/refresh', undefined, own)).status).toBe(200)
  })
})

describe('the second factor', () => {
  it('is enrolled, asked for, and takes each code once', async () => {
    const { email, bearer } = await loggedIn()
    expect(codeOf(await auth.post('/api/v1/auth/totp/confirm', { code: '123456' }, bearer))).toEqual([
      409,
      'wrong_state',
    ])
    const enrolled = await auth.post('/api/v1/auth/totp/enrol', { password }, bearer)
    const { secret, otpauthUri } = enrolled.body as { secret: string; otpauthUri: string }
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(new URL(otpauthUri).searchParams.get('secret')).toBe(secret)
    const confirmed = await auth.post('/api/v1/auth/totp/confirm', { code: await generate({ secret }) }, bearer)
    expect(confirmed.body.recoveryCodes).toHaveLength(10)
    expect(codeOf(await auth.post('/api/v1/auth/login', { email, password }))).toEqual([401, 'totp_required'])
    const code = await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 })
    const racing = await Promise.all([1, 2, 3].map(() => auth.post('/api/v1/auth/login', { email, password, code })))
    expect(racing.filter(({ status }) => status === 200)).toHaveLength(1)
    const device = cookiesOf(racing.find(({ status }) => status === 200)!)
    expect(codeOf(await auth.post('/api/v1/auth/login', { email, password, code }, { cookie: device }))).toEqual([
      401,
      'sign_in_failed',
    ])
  })

  it('needs the account scope and the password', async () => {
    const { bearer } = await loggedIn()
    const made = await auth.post('/api/v1/auth/tokens', { name: 'cli', scopes: ['mine'] }, bearer)
    const traded = await auth.post('/api/v1/auth/token', undefined, {
      authorization: `Bearer ${made.body.token as string}`,
    })
    const cli = { authorization: `Bearer ${traded.body.accessToken as string}` }
    expect(codeOf(await auth.post('/api/v1/auth/totp/enrol', { password }, cli))).toEqual([403, 'scope_missing'])
    expect(codeOf(await auth.post('/api/v1/auth/totp/enrol', { password }))).toEqual([401, 'not_signed_in'])
    expect(codeOf(await auth.post('/api/v1/auth/totp/enrol', { password: 'wrong' }, bearer))).toEqual([
      401,
      'sign_in_failed',
    ])
    expect(codeOf(await auth.post('/api/v1/auth/totp/enrol', { password }, bearer))).toEqual([429, 'too_many_requests'])
  })
})

describe('API tokens', () => {
  it('are made, traded, listed and revoked', async () => {
    const { bearer } = await loggedIn()
    const made = await auth.post('/api/v1/auth/tokens', { name: 'miner', scopes: ['mine'] }, bearer)
    expect(made.status).toBe(201)
    const token = { authorization: `Bearer ${made.body.token as string}` }
    const traded = await auth.post('/api/v1/auth/token', undefined, token)
    expect([traded.status, traded.body.scopes]).toEqual([200, ['mine']])
    const listed = await auth.call('GET', '/api/v1/auth/tokens', { headers: bearer })
    expect(listed.body).toMatchObject([{ id: made.body.id, name: 'miner', scopes: ['mine'] }])
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token)
    const path = `/api/v1/auth/tokens/${made.body.id as string}`
    const stranger = await loggedIn()
    expect(codeOf(await auth.call('DELETE', path, { headers: stranger.bearer }))).toEqual([404, 'not_found'])
    expect((await auth.call('DELETE', path, { headers: bearer })).status).toBe(204)
    expect(codeOf(await auth.post('/api/v1/auth/token', undefined, token))).toEqual([401, 'token_invalid'])
  })

  it('never have the account scope', async () => {
    const { bearer } = await loggedIn()
    const answer = await auth.post('/api/v1/auth/tokens', { name: 'cli', scopes: ['account'] }, bearer)
    expect(codeOf(answer)).toEqual([400, 'invalid_input'])
  })
})

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
    ['half a form', 'email=a', { 'content-type': 'application/x-www-form-urlencoded' }, 400, undefined],
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

it('publishes its keys for half a minute at a time, public halves only', async () => {
  const answer = await auth.call('GET', '/.well-known/jwks.json')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=30')
  expect(answer.body.keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }])
  expect(JSON.stringify(answer.body)).not.toContain('"d"')
})
