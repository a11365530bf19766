import { generate } from 'otplib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice } from './auth-stage.ts'
import { openElsewhere, throughPages, where, type Elsewhere } from './elsewhere-stage.ts'
import { codeOf, cookiesOf } from './running-auth.ts'

let stage: Elsewhere
beforeAll(async () => {
  stage = await openElsewhere()
})
afterAll(() => stage.close())

describe('signing in elsewhere', () => {
  it('gives an unknown person with a verified address an account, and knows them the next time', async () => {
    const name = stage.somebody()
    const first = await stage.signIn(name, 'office', { next: '/wallet?x=1' })
    expect([first.back.status, where(first.back)]).toEqual([303, '/wallet?x=1'])
    const { user } = (await stage.session(first.cookie)).body as { user: { userId: string; email: string } }
    expect(user.email).toBe(`${name}@office.example`)
    stage.identity.people.set(name, { email: 'renamed@office.example', verified: false })
    const again = (await stage.session((await stage.signIn(name)).cookie)).body as { user: { userId: string } }
    expect(again.user.userId).toBe(user.userId)
    const login = { email: user.email, password: '!' }
    expect(codeOf(await stage.auth.post('/api/v1/auth/login', login))).toEqual([401, 'sign_in_failed'])
  })

  it('gives nobody an account by an address that is not verified', async () => {
    const { back } = await stage.signIn(stage.somebody({ verified: false }))
    expect(where(back)).toBe('/login?problem=elsewhere_unverified&next=%2Forders')
  })

  it('never opens an account that is there already by its address, verified or not', async () => {
    const person = await stage.registered()
    const name = stage.somebody({ email: person.email.toUpperCase() })
    const { back, cookie } = await stage.signIn(name)
    expect(where(back)).toBe('/login?problem=elsewhere_email_known&next=%2Forders')
    expect(codeOf(await stage.session(cookie))).toEqual([401, 'not_signed_in'])
    stage.identity.people.set(name, { email: person.email, verified: false })
    expect(where((await stage.signIn(name)).back)).toBe('/login?problem=elsewhere_unverified&next=%2Forders')
    const login = await stage.auth.post('/api/v1/auth/login', person)
    const bearer = { authorization: `Bearer ${login.body.accessToken as string}` }
    expect(codeOf(await stage.link(name, bearer, { password: 'wrong' }))).toEqual([401, 'sign_in_failed'])
    expect(await stage.linksOf(bearer)).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect(where(await stage.link(name, bearer, { next: '/account?tab=links' }))).toBe('/account?tab=links')
    expect(where((await stage.signIn(name)).back)).toBe('/orders')
  })

  it('asks for our second factor, unless a provider that is trusted with it proves one', async () => {
    const person = await stage.enrolled()
    const plain = stage.somebody()
    const proved = stage.somebody({ amr: ['pwd', 'mfa'] })
    expect(codeOf(await stage.link(plain, person.bearer))).toEqual([401, 'totp_required'])
    let codes = 0
    const recoveryCode = () => person.recoveryCodes[codes++]!
    for (const [provider, name] of [
      ['office', plain],
      ['office', proved],
      ['strict', plain],
      ['strict', proved],
    ] as const)
      expect(where(await stage.link(name, person.bearer, { code: recoveryCode() }, provider))).toBe('/account')
    for (const [provider, name] of [
      ['office', plain],
      ['office', proved],
      ['strict', plain],
    ] as const) {
      const { back, cookie } = await stage.signIn(name, provider)
      const shown = provider === 'office' ? 'Office' : 'Strict'
      expect(where(back)).toBe(`/login?elsewhere=${shown}&next=%2Forders`)
      expect(codeOf(await stage.session(cookie))).toEqual([401, 'not_signed_in'])
    }
    expect(where((await stage.signIn(proved, 'strict')).back)).toBe('/orders')
    const { cookie } = await stage.signIn(plain)
    const finish = (code: string, jar = cookie) =>
      stage.auth.post('/api/v1/auth/elsewhere/finish', { code }, { cookie: jar })
    const code = await generate({ secret: person.secret, epoch: Math.floor(Date.now() / 1000) + 30 })
    expect(codeOf(await finish(code, ''))).toEqual([400, 'elsewhere_expired'])
    expect(codeOf(await finish('000000'))).toEqual([401, 'sign_in_failed'])
    expect(codeOf(await finish(code))).toEqual([429, 'too_many_requests'])
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const finished = await finish(code)
    expect((await stage.session(cookiesOf(finished))).status).toBe(200)
    expect(codeOf(await finish(code))).toEqual([401, 'sign_in_failed'])
  })

  it('gives an account that came from a provider a password, soon after it signed in', async () => {
    const { cookie } = await stage.signIn(stage.somebody())
    const bearer = await stage.bearerOf(cookie)
    const first = (body: object) => stage.auth.post('/api/v1/auth/password/first', body, bearer)
    const account = async () => (await stage.auth.call('GET', '/api/v1/auth/account', { headers: bearer })).body
    expect(await account()).toMatchObject({ hasPassword: false })
    const enrol = await stage.auth.post('/api/v1/auth/totp/enrol', { password: alice.password }, bearer)
    expect(codeOf(enrol)).toEqual([403, 'password_missing'])
    expect(codeOf(await first({ newPassword: 'password123' }))).toEqual([400, 'password_too_common'])
    expect((await first({ newPassword: alice.password })).status).toBe(204)
    expect(codeOf(await first({ newPassword: 'another of the thief' }))).toEqual([409, 'wrong_state'])
    expect(await account()).toMatchObject({ hasPassword: true })
    const { user } = (await account()) as unknown as { user: { email: string } }
    const login = { email: user.email, password: alice.password }
    expect((await stage.auth.post('/api/v1/auth/login', login)).status).toBe(200)
    const other = await stage.loggedIn()
    const taken = await stage.auth.post('/api/v1/auth/password/first', { newPassword: 'of the thief' }, other.bearer)
    expect(codeOf(taken)).toEqual([409, 'wrong_state'])
  })

  it('unlinks whoever shows all factors, but not the last way in', async () => {
    const { cookie } = await stage.signIn(stage.somebody())
    const bearer = await stage.bearerOf(cookie)
    const [only] = await stage.linksOf(bearer)
    const unlink = (id: string, password = alice.password, by: Record<string, string> = bearer) =>
      stage.auth.post(`/api/v1/auth/links/${id}/unlink`, { password }, by)
    expect(codeOf(await unlink(only!.id))).toEqual([409, 'last_way_in'])
    expect(codeOf(await stage.link(stage.somebody(), bearer))).toEqual([403, 'password_missing'])
    await stage.auth.post('/api/v1/auth/password/first', { newPassword: alice.password }, bearer)
    await stage.link(stage.somebody(), bearer)
    expect(await stage.linksOf(bearer)).toHaveLength(2)
    const stranger = await stage.loggedIn()
    expect(codeOf(await unlink(only!.id, alice.password, stranger.bearer))).toEqual([404, 'not_found'])
    expect(codeOf(await unlink(only!.id, 'wrong'))).toEqual([401, 'sign_in_failed'])
    expect(await stage.linksOf(bearer)).toHaveLength(2)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    expect((await unlink(only!.id)).status).toBe(204)
    expect(codeOf(await unlink(only!.id))).toEqual([404, 'not_found'])
    expect(await stage.linksOf(bearer)).toHaveLength(1)
  })

  it('does not link somebody who is linked to another account', async () => {
    const name = stage.somebody()
    await stage.signIn(name)
    const other = await stage.loggedIn()
    expect(where(await stage.link(name, other.bearer))).toBe('/account?problem=elsewhere_taken')
    expect(await stage.linksOf(other.bearer)).toEqual([])
  })

  it('opens no account that is shut, and a new one after the old one was deleted', async () => {
    const name = stage.somebody()
    const { user } = (await stage.session((await stage.signIn(name)).cookie)).body as { user: { userId: string } }
    const { userId } = user
    await stage.internal('set-state', { userId, state: 'disabled' })
    const shut = await stage.signIn(name)
    expect(where(shut.back)).toBe('/login?problem=account_disabled&next=%2Forders')
    expect(codeOf(await stage.session(shut.cookie))).toEqual([401, 'not_signed_in'])
    await stage.internal('set-state', { userId, state: 'open' })
    expect(where((await stage.signIn(name)).back)).toBe('/orders')
    await stage.internal('close', { userId })
    expect(where((await stage.signIn(name)).back)).toBe('/login?problem=sign_in_failed&next=%2Forders')
    await stage.internal('erase', { userId })
    const anew = (await stage.session((await stage.signIn(name)).cookie)).body as { user: { userId: string } }
    expect(anew.user.userId).not.toBe(userId)
  })

  it('leaves no link of an account that was deleted while its owner was away', async () => {
    const person = await stage.loggedIn()
    const name = stage.somebody()
    const body = { password: alice.password }
    const begun = await stage.auth.post('/api/v1/auth/elsewhere/office/link', body, person.bearer)
    const address = await throughPages(begun.body.url as string, name)
    const { userId } = (person.login.body as { user: { userId: string } }).user
    await stage.internal('close', { userId })
    await stage.internal('erase', { userId })
    expect(where(await stage.comeBack(address, cookiesOf(begun)))).toBe('/account?problem=elsewhere_expired')
    expect(where((await stage.signIn(name)).back)).toBe('/orders')
  })
})
