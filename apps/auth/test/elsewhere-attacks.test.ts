import { IdentityProvider } from '@quarry/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ELSEWHERE_LIFE_MS } from '../src/application/sign-in-elsewhere.ts'
import { alice, openStage } from './auth-stage.ts'
import { openElsewhere, STAGE_CALLBACK, throughPages, where, type Elsewhere } from './elsewhere-stage.ts'
import { codeOf, cookiesOf } from './running-auth.ts'

let stage: Elsewhere
/** A provider that goes away in the middle. */
let mortal: IdentityProvider
beforeAll(async () => {
  mortal = await IdentityProvider.start()
  stage = await openElsewhere((shared) => [
    { ...shared, id: 'mortal', name: 'Mortal', issuer: mortal.issuer },
    { ...shared, id: 'never', name: 'Never', issuer: 'http://127.0.0.1:9' },
  ])
  await mortal.serve([stage.callback('mortal')])
})
afterAll(async () => {
  await stage.close()
  mortal.close()
})

describe('a provider', () => {
  it('that cannot be reached is said to be so, at the start and on the way back', async () => {
    expect(codeOf(await stage.start('never'))).toEqual([503, 'elsewhere_unreachable'])
    const name = stage.somebody({}, mortal)
    const begun = await stage.start('mortal')
    const address = await throughPages(begun.body.url as string, name)
    mortal.close()
    expect(where(await stage.comeBack(address, cookiesOf(begun)))).toBe(
      '/login?problem=elsewhere_unreachable&next=%2Forders',
    )
  })

  it('at which the person turns back is said to have declined', async () => {
    const begun = await stage.start()
    const address = await throughPages(begun.body.url as string, undefined)
    expect(address.searchParams.get('error')).toBe('access_denied')
    expect(where(await stage.comeBack(address, cookiesOf(begun)))).toBe(
      '/login?problem=elsewhere_declined&next=%2Forders',
    )
  })

  it('from which the browser comes back too late is not believed', async () => {
    const here = openStage({
      env: {
        QUARRY_SIGN_IN_PROVIDERS: JSON.stringify([stage.office]),
      },
    })
    for (const [awayMs, outcome] of [
      [ELSEWHERE_LIFE_MS - 1, undefined],
      [ELSEWHERE_LIFE_MS, 'elsewhere-expired'],
    ] as const) {
      const begun = await here.auth.signInElsewhere.begin('office', { redirectUri: STAGE_CALLBACK, next: '/orders' })
      if (begun?.ok !== true) throw new Error('not begun')
      const address = await throughPages(begun.value.url, stage.somebody())
      await here.clock.advance(awayMs)
      const returned = await here.auth.signInElsewhere.finish('office', address.search, begun.value.sealed)
      expect(returned.ok ? undefined : returned.error.kind).toBe(outcome)
    }
    await here.close()
  })

  it('takes a password only from a fresh session', async () => {
    const here = openStage()
    await here.auth.keys.open()
    const user = { userId: 'u1', email: 'u1@example.com', passwordHash: '!', createdAt: 1 }
    await here.store.createUser(user)
    const opened = await here.auth.finishElsewhere.open(user, { deviceToken: undefined, device: undefined })
    if (!opened.ok) throw new Error(opened.error.kind)
    const [, sessionId] = opened.value.refreshToken.split('.')
    await here.clock.advance(10 * 60_000)
    const request = { userId: 'u1', newPassword: alice.password, sessionId }
    expect(await here.auth.setFirstPassword.run(request)).toMatchObject({ error: { kind: 'sign-in-again' } })
    const without = { ...request, sessionId: undefined }
    expect(await here.auth.setFirstPassword.run(without)).toMatchObject({ error: { kind: 'sign-in-again' } })
    await here.close()
  })
})

describe('an attack', () => {
  const failed = '/login?problem=elsewhere_failed&next=%2Forders'
  const expired = '/login?problem=elsewhere_expired'

  it('from another browser, without state, or with another one, fails', async () => {
    const name = stage.somebody()
    const begun = await stage.start()
    const address = await throughPages(begun.body.url as string, name)
    expect(where(await stage.comeBack(address, ''))).toBe(expired)
    expect(where(await stage.comeBack(address, cookiesOf(await stage.start())))).toBe(failed)
    for (const state of [undefined, 'another']) {
      const changed = new URL(address)
      if (state === undefined) changed.searchParams.delete('state')
      else changed.searchParams.set('state', state)
      expect(where(await stage.comeBack(changed, cookiesOf(begun)))).toBe(failed)
    }
  })

  it('with a code that was used before fails, be the cookie kept or not', async () => {
    const begun = await stage.start()
    const address = await throughPages(begun.body.url as string, stage.somebody())
    expect(where(await stage.comeBack(address, cookiesOf(begun)))).toBe('/orders')
    expect(where(await stage.comeBack(address, cookiesOf(begun)))).toBe(failed)
  })

  it('with a token for another nonce fails', async () => {
    const begun = await stage.start()
    const url = new URL(begun.body.url as string)
    url.searchParams.set('nonce', 'one-of-somebody-else')
    expect(where(await stage.comeBack(await throughPages(url.href, stage.somebody()), cookiesOf(begun)))).toBe(failed)
  })

  it('that mixes up issuers or providers fails', async () => {
    const begun = await stage.start()
    const address = await throughPages(begun.body.url as string, stage.somebody())
    const foreign = new URL(address)
    foreign.searchParams.set('iss', 'https://evil.example')
    expect(where(await stage.comeBack(foreign, cookiesOf(begun)))).toBe(failed)
    const crossed = new URL(address.href.replace('/office/', '/strict/'))
    expect(where(await stage.comeBack(crossed, cookiesOf(begun)))).toBe(failed)
    expect(where(await stage.comeBack(new URL(address.href.replace('/office/', '/github/')), cookiesOf(begun)))).toBe(
      failed,
    )
  })

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/a\\b', 'orders', '/\u0000'])(
    'by next=%j leads nowhere',
    async (next) => {
      expect(codeOf(await stage.start('office', { next }))).toEqual([400, 'invalid_input'])
    },
  )

  it('that begins from another site is refused', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const)
      expect(codeOf(await stage.start('office', {}, headers))).toEqual([403, 'cross_site'])
  })

  it('with a cookie of one’s own making, or an unknown provider, fails', async () => {
    const made = '__Host-quarry-vouched=AAAA; __Host-quarry-elsewhere=AAAA'
    const finished = await stage.auth.post('/api/v1/auth/elsewhere/finish', { code: '123456' }, { cookie: made })
    expect(codeOf(finished)).toEqual([400, 'elsewhere_expired'])
    const begun = await stage.start()
    const address = await throughPages(begun.body.url as string, stage.somebody())
    expect(where(await stage.comeBack(address, made))).toBe(expired)
    // A cookie of one kind is none of the other.
    const flow = cookiesOf(begun).replace('quarry-elsewhere', 'quarry-vouched')
    const swapped = await stage.auth.post('/api/v1/auth/elsewhere/finish', { code: '123456' }, { cookie: flow })
    expect(codeOf(swapped)).toEqual([400, 'elsewhere_expired'])
    expect(codeOf(await stage.start('unknown'))).toEqual([404, 'not_found'])
  })

  it('by dots that hide slashes in next leads nowhere else', async () => {
    const { back } = await stage.signIn(stage.somebody(), 'office', { next: '/.//evil.example/ö' })
    expect(where(back)).toBe('/evil.example/%C3%B6')
  })

  it('finds cookies that scripts, neighbours and other sites cannot use', async () => {
    const [cookie] = (await stage.start()).headers.getSetCookie()
    for (const part of [
      /^__Host-quarry-elsewhere=/,
      /; Path=\//,
      /; HttpOnly/,
      /; Secure/,
      /; SameSite=Lax/,
      /Max-Age=600/,
    ])
      expect(cookie).toMatch(part)
  })
})
