import { generate } from 'otplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice } from './auth-stage.ts'
import { codeOf, cookiesOf, people, startAuth, type Answer, type RunningAuth } from './running-auth.ts'

let auth: RunningAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.stop())

const password = alice.password
const { registered, loggedIn, enrolled } = people(() => auth)

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
    const tryBoth = async () => ({
      known: await auth.post('/api/v1/auth/login', { email, password: 'wrong' }),
      unknown: await auth.post('/api/v1/auth/login', { email: `no-${email}`, password: 'wrong' }),
    })
    const first = await tryBoth()
    expect(said(first.unknown)).toEqual(said(first.known))
    const refused = async () => {
      const { known, unknown } = await tryBoth()
      expect([known.status, unknown.status]).toEqual([429, 429])
      expect(said(unknown)).toEqual(said(known))
    }
    await expect.poll(refused, { timeout: 10_000 }).toBeUndefined()
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
      const person = { email: `odd-${odd.length}@example.com`, password: odd }
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

  it('needs the account scope and all factors', async () => {
    const { bearer } = await enrolled()
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
  it('are for accounts with a second factor', async () => {
    const { bearer } = await loggedIn()
    const answer = await auth.post('/api/v1/auth/tokens', { name: 'cli', scopes: ['mine'] }, bearer)
    expect(codeOf(answer)).toEqual([403, 'totp_needed'])
  })

  it('are made, traded, listed and revoked', async () => {
    const { bearer } = await enrolled()
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

it('publishes its keys for half a minute at a time, public halves only', async () => {
  const answer = await auth.call('GET', '/.well-known/jwks.json')
  expect(answer.headers.get('cache-control')).toBe('public, max-age=30')
  expect(answer.body.keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }])
  expect(JSON.stringify(answer.body)).not.toContain('"d"')
})
