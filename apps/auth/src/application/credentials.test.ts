import type { LiveEvent } from '@quarry/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alice, openStage, type Stage } from '../../test/auth-stage.ts'
import { readRefreshToken } from './sessions.ts'

let stage: Stage
let userId: string
beforeEach(async () => {
  stage = openStage({ servers: 2 })
  userId = await stage.register()
})
afterEach(() => stage.close())

const newPassword = 'a cherry tree in the snow'
const kindOf = (answer: { ok: boolean; error?: { kind: string } }) => (answer.ok ? 'ok' : answer.error?.kind)
const signIn = (more: Partial<Parameters<Stage['auth']['signIn']['run']>[0]> = {}) =>
  stage.auth.signIn.run({ ...alice, ...more })

/** A session, by what its cookie holds. */
async function session(more: Parameters<typeof signIn>[0] = {}): Promise<{ refreshToken: string; sessionId: string }> {
  const opened = await signIn(more)
  if (!opened.ok) throw new Error(opened.error.kind)
  const { refreshToken } = opened.value
  return { refreshToken, sessionId: readRefreshToken(refreshToken)!.sessionId }
}

const lives = async ({ refreshToken }: { refreshToken: string }) =>
  (await stage.store.session(userId, readRefreshToken(refreshToken)!.sessionId)) !== undefined

/** What is done after the answer is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function mailedToken(email = alice.email): Promise<string> {
  const before = stage.mails.length
  expect(kindOf(stage.auth.askPasswordReset.run({ email }))).toBe('ok')
  await settled()
  expect(stage.mails).toHaveLength(before + 1)
  const [, token] = /https:\/\/quarry\.example\/reset#token=(\w{43})\n/.exec(stage.mails.at(-1)!.text) ?? []
  return token!
}

describe('changing the password', () => {
  const change = (more: Partial<Parameters<Stage['auth']['changePassword']['run']>[0]> = {}) =>
    stage.auth.changePassword.run({
      userId,
      password: alice.password,
      newPassword,
      endOtherSessions: false,
      sessionId: undefined,
      ...more,
    })

  it('takes the password anew, and then only the new one signs in', async () => {
    expect(kindOf(await change({ password: 'wrong' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await change())).toBe('ok')
    expect(kindOf(await signIn())).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn({ password: newPassword }))).toBe('ok')
    expect(stage.mails.map(({ subject }) => subject)).toEqual(['Your password for Quarry was changed'])
  })

  it('takes the second factor as well, each code once', async () => {
    const { secret } = await stage.enrol(userId)
    expect(kindOf(await change())).toBe('totp-required')
    expect(kindOf(await change({ code: '000000' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    const code = await stage.codeOf(secret)
    expect(kindOf(await change({ code }))).toBe('ok')
    expect(kindOf(await change({ password: newPassword, newPassword: alice.password, code }))).toBe('sign-in-failed')
  })

  it('refuses the commonest passwords', async () => {
    expect(kindOf(await change({ newPassword: 'password123' }))).toBe('password-too-common')
    expect(kindOf(await signIn())).toBe('ok')
  })

  it('ends the other sessions when it is wished, and no other user’s', async () => {
    const [own, other] = [await session(), await session()]
    expect(kindOf(await change({ endOtherSessions: false, sessionId: own.sessionId }))).toBe('ok')
    expect(await lives(other)).toBe(true)
    const again = { password: newPassword, newPassword: alice.password }
    expect(kindOf(await change({ ...again, endOtherSessions: true, sessionId: own.sessionId }))).toBe('ok')
    expect([await lives(own), await lives(other)]).toEqual([true, false])
  })
})

describe('resetting the password by mail', () => {
  const reset = (token: string, more: { code?: string; newPassword?: string } = {}, server = 0) =>
    stage.servers[server]!.resetPassword.run({ token, newPassword, ...more })

  it('mails a link that sets a new password, once, and ends all sessions', async () => {
    const [one, two] = [await session(), await session()]
    const token = await mailedToken()
    const answers = await Promise.all([reset(token), reset(token, { newPassword: 'another one of those' }, 1)])
    expect(answers.map(kindOf).sort()).toEqual(['ok', 'reset-link-invalid'])
    expect([await lives(one), await lives(two)]).toEqual([false, false])
    expect(kindOf(await reset(token))).toBe('reset-link-invalid')
    expect(kindOf(await signIn())).toBe('sign-in-failed')
  })

  it('answers alike, and at once, whether or not somebody has the address; only somebody gets mail', async () => {
    const known = stage.auth.askPasswordReset.run({ email: alice.email })
    const unknown = stage.auth.askPasswordReset.run({ email: 'nobody@example.com' })
    expect(unknown).toEqual(known)
    await settled()
    expect(stage.mails.map(({ to }) => to)).toEqual([alice.email])
  })

  it('keeps no link in the clear', async () => {
    const token = await mailedToken()
    expect(await stage.store.passwordReset(token)).toBeUndefined()
  })

  it('takes a link for half an hour', async () => {
    const token = await mailedToken()
    await stage.clock.advance(30 * 60_000)
    expect(kindOf(await reset(token))).toBe('reset-link-invalid')
    const next = await mailedToken()
    await stage.clock.advance(30 * 60_000 - 1)
    expect(kindOf(await reset(next))).toBe('ok')
  })

  it('takes no link that was mailed for an earlier password', async () => {
    const [first, second] = [await mailedToken(), await mailedToken()]
    expect(first).not.toBe(second)
    expect(kindOf(await reset(second))).toBe('ok')
    expect(kindOf(await reset(first))).toBe('reset-link-invalid')
    const third = await mailedToken()
    const { password } = alice
    await stage.auth.changePassword.run({
      ...{ userId, password: newPassword, newPassword: password },
      ...{ endOtherSessions: false, sessionId: undefined },
    })
    expect(kindOf(await reset(third))).toBe('reset-link-invalid')
  })

  it.each(['', 'x', 'A'.repeat(43), "' OR 1=1 --", '../../etc/passwd'])('takes no made-up link: %j', async (token) => {
    expect(kindOf(await reset(token))).toBe('reset-link-invalid')
  })

  it('never gets around the second factor', async () => {
    const { secret, recoveryCodes } = await stage.enrol(userId)
    const token = await mailedToken()
    expect(kindOf(await reset(token))).toBe('totp-required')
    expect(kindOf(await reset(token, { code: '000000' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await reset(token, { code: recoveryCodes[0]! }))).toBe('ok')
    expect(kindOf(await signIn({ password: newPassword }))).toBe('totp-required')
    expect(kindOf(await signIn({ password: newPassword, code: await stage.codeOf(secret) }))).toBe('ok')
  })

  it('counts guesses of the second factor with those of signing in', async () => {
    await stage.enrol(userId)
    const token = await mailedToken()
    let evaluated = 0
    for (let guess = 0; guess < 500; guess++) {
      const answers = [await reset(token, { code: String(guess).padStart(6, '0') }), await signIn({ code: '000000' })]
      evaluated += answers.filter((answer) => kindOf(answer) !== 'too-many-guesses').length
    }
    expect(evaluated).toBe(1)
    await stage.clock.advance(1000)
    expect(kindOf(await reset(token, { code: '000001' }))).toBe('sign-in-failed')
    expect(kindOf(await signIn({ code: '000000' }))).toBe('too-many-guesses')
  })

  it('refuses the commonest passwords, and the link stays good', async () => {
    const token = await mailedToken()
    expect(kindOf(await reset(token, { newPassword: 'password123' }))).toBe('password-too-common')
    expect(kindOf(await reset(token))).toBe('ok')
  })

  it('mails a few links at once, then one every ten minutes, and not one of them makes another worthless', async () => {
    const tokens = [await mailedToken(), await mailedToken(), await mailedToken()]
    for (let again = 0; again < 20; again++) stage.servers[again % 2]!.askPasswordReset.run({ email: alice.email })
    await settled()
    expect(stage.mails).toHaveLength(3)
    await stage.clock.advance(10 * 60_000)
    await mailedToken()
    expect(kindOf(await reset(tokens[0]!))).toBe('ok')
  })

  it('writes in the language of the user, or else of the page where it was asked for', async () => {
    stage.auth.askPasswordReset.run({ email: alice.email, language: 'de' })
    await settled()
    await stage.store.setLanguage(userId, 'en')
    stage.auth.askPasswordReset.run({ email: alice.email, language: 'de' })
    await settled()
    expect(stage.mails.map(({ subject }) => subject)).toEqual([
      'Wähle ein neues Passwort für Quarry',
      'Choose a new password for Quarry',
    ])
  })
})

describe('recovery codes', () => {
  it('are counted, and renewed by both factors', async () => {
    const { secret, recoveryCodes } = await stage.enrol(userId)
    const shown = { userId, password: alice.password }
    const left = () => stage.store.recoveryCodesLeft(userId)
    expect(await left()).toBe(10)
    expect(kindOf(await signIn({ code: recoveryCodes[0]! }))).toBe('ok')
    expect(await left()).toBe(9)
    expect(kindOf(await stage.auth.renewRecoveryCodes.run(shown))).toBe('totp-required')
    const renewed = await stage.auth.renewRecoveryCodes.run({ ...shown, code: await stage.codeOf(secret) })
    if (!renewed.ok) throw new Error(renewed.error.kind)
    expect([new Set(renewed.value).size, await left()]).toEqual([10, 10])
    expect(kindOf(await signIn({ code: recoveryCodes[1]! }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn({ code: renewed.value[0]! }))).toBe('ok')
  })

  it('are not there without a second factor', async () => {
    const answer = await stage.auth.renewRecoveryCodes.run({ userId, password: alice.password })
    expect(kindOf(answer)).toBe('no-second-factor')
  })
})

describe('taking the second factor away', () => {
  it('needs both factors anew, and ends other sessions when it is wished', async () => {
    const { secret } = await stage.enrol(userId)
    const own = await session({ code: await stage.codeOf(secret) })
    await stage.clock.advance(30_000)
    const other = await session({ code: await stage.codeOf(secret) })
    const request = { userId, password: alice.password, endOtherSessions: true, sessionId: own.sessionId }
    expect(kindOf(await stage.auth.removeTotp.run(request))).toBe('totp-required')
    expect(kindOf(await stage.auth.removeTotp.run({ ...request, code: '000000' }))).toBe('sign-in-failed')
    await stage.clock.advance(30_000)
    expect(kindOf(await stage.auth.removeTotp.run({ ...request, code: await stage.codeOf(secret) }))).toBe('ok')
    expect([await lives(own), await lives(other)]).toEqual([true, false])
    expect(kindOf(await signIn())).toBe('ok')
    expect(kindOf(await stage.auth.removeTotp.run(request))).toBe('no-second-factor')
  })
})

describe('sessions', () => {
  it('are listed with their browser, the asking one first, those that are over not at all', async () => {
    const first = await session({ device: 'Firefox' })
    await stage.clock.advance(stage.config.sessionIdleMs)
    const second = await session({ device: `Chrome ${'x'.repeat(500)}` })
    await stage.clock.advance(1000)
    const third = await session()
    const listed = await stage.auth.listSessions.run(userId, second.sessionId)
    expect(listed.map(({ id, current }) => [id, current])).toEqual([
      [second.sessionId, true],
      [third.sessionId, false],
    ])
    expect(listed[0]?.device).toHaveLength(300)
    expect(listed.some(({ id }) => id === first.sessionId)).toBe(false)
  })

  it('that are ended, and API tokens that are revoked, are told of to every process', async () => {
    const heard: LiveEvent[] = []
    stage.live.subscribe('access', (event) => heard.push(event))
    const [own, other] = [await session(), await session()]
    await stage.auth.endAccess.sessionsOf(userId, own.sessionId)
    await stage.auth.signOut.run(own.refreshToken)
    await stage.auth.revokeApiToken.run(userId, 'token-1')
    await settled()
    expect(heard).toEqual([
      { kind: 'access-ended', userId, grants: [`session:${other.sessionId}`] },
      { kind: 'access-ended', userId, grants: [`session:${own.sessionId}`] },
      { kind: 'access-ended', userId, grants: ['token:token-1'] },
    ])
  })
})
