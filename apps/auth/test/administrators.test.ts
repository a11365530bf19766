import { scopes } from '@quarry/contracts'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { changeAdmin } from '../src/commands/grant-admin.ts'
import { alice, openStage, testEnv, type Stage } from './auth-stage.ts'
import { codeOf, people, startAuth } from './running-auth.ts'

let stage: Stage
let userId: string
beforeEach(async () => {
  stage = openStage()
  userId = await stage.register()
})
afterEach(() => stage.close())

async function signIn(code?: string) {
  const answer = await stage.auth.signIn.run({ ...alice, code })
  if (!answer.ok) return answer.error.kind
  const { accessToken, user } = answer.value.view
  return { refreshToken: answer.value.refreshToken, scope: String(decodeJwt(accessToken)['scope']), user }
}

it('gives the scope only to an administrator with a second factor', async () => {
  expect(await signIn()).toMatchObject({
    scope: expect.not.stringContaining('admin') as string,
    user: { admin: false },
  })
  await stage.operator.setAdmin(userId, true)
  expect(await signIn()).toMatchObject({ scope: expect.not.stringContaining('admin') as string, user: { admin: true } })
  const { secret } = await stage.enrol(userId)
  expect(await signIn(await stage.codeOf(secret))).toMatchObject({ scope: scopes.join(' '), user: { admin: true } })
  await stage.operator.setAdmin(userId, false)
  await stage.clock.advance(60_000)
  expect(await signIn(await stage.codeOf(secret))).toMatchObject({
    scope: expect.not.stringContaining('admin') as string,
  })
})

it('ends a disabled account’s sessions and tokens, says so to its owner only, and lets in again', async () => {
  const before = await signIn()
  const { secret } = await stage.enrol(userId)
  const made = await stage.auth.createApiToken.run({ userId, name: 'cli', scopes: ['mine'] })
  if (!made.ok) throw new Error(made.error.kind)
  const { token } = made.value
  await stage.auth.keepAccounts.setState(userId, 'disabled')
  expect(await stage.auth.refreshSession.run((before as { refreshToken: string }).refreshToken)).toMatchObject({
    ok: false,
  })
  expect(await stage.auth.exchangeApiToken.run(token)).toMatchObject({ ok: false })
  expect(await signIn(await stage.codeOf(secret))).toBe('account-disabled')
  const wrong = await stage.auth.signIn.run({ ...alice, password: 'something else' })
  expect(wrong).toMatchObject({ error: { kind: 'sign-in-failed' } })
  await stage.clock.advance(60_000)
  await stage.auth.keepAccounts.setState(userId, 'open')
  expect(await signIn(await stage.codeOf(secret))).toMatchObject({ user: { userId } })
  expect(await stage.auth.exchangeApiToken.run(token)).toMatchObject({ ok: true })
})

it('leaves no session of a sign-in that comes while the account is shut', async () => {
  const shutLate = stage.operator.standing.bind(stage.operator)
  // The account is shut after the factors were looked at and before the session counts.
  const createSession = stage.store.createSession.bind(stage.store)
  stage.store.createSession = async (session) => {
    await createSession(session)
    await stage.operator.setAccountState(userId, 'disabled')
  }
  expect((await shutLate(userId)).state).toBe('open')
  expect(await signIn()).toBe('account-disabled')
})

it('refuses an account that is being deleted as one that never was', async () => {
  await stage.auth.keepAccounts.close(userId)
  expect(await signIn()).toBe('sign-in-failed')
  await stage.auth.keepAccounts.erase(userId)
  await stage.clock.advance(60_000)
  expect(await signIn()).toBe('sign-in-failed')
  await stage.auth.registerUser.run(alice)
  await stage.clock.advance(60_000)
  expect(await signIn()).toMatchObject({ user: { userId: expect.not.stringMatching(userId) as string } })
})

it('asks for every factor in force', async () => {
  const confirm = async (factors: { password: string; code?: string }) => {
    const answer = await stage.auth.stepUp.run({ userId, ...factors })
    await stage.clock.advance(60_000)
    return answer.ok || answer.error.kind
  }
  expect(await confirm({ password: alice.password })).toBe(true)
  expect(await confirm({ password: 'not this one' })).toBe('sign-in-failed')
  const { secret } = await stage.enrol(userId)
  expect(await confirm({ password: alice.password })).toBe('totp-required')
  expect(await confirm({ password: alice.password, code: '000000' })).toBe('sign-in-failed')
  const code = await stage.codeOf(secret)
  expect(await confirm({ password: alice.password, code })).toBe(true)
  expect(await confirm({ password: alice.password, code })).toBe('sign-in-failed')
})

it('is made by a command beside the running service, which is in the audit log', async () => {
  const auth = await startAuth()
  try {
    const { email } = await people(() => auth).registered()
    const said: string[] = []
    const output = { write: (text: string) => said.push(text) }
    const env = { ...testEnv, QUARRY_DATA: auth.dataDir }
    expect(await changeAdmin(true, undefined)(env, output)).toBe(2)
    expect(await changeAdmin(true, 'nobody@example.com')(env, output)).toBe(1)
    expect(await changeAdmin(true, email.toUpperCase())(env, output)).toBe(0)
    expect(said.join('')).toContain('second factor')
    const login = await auth.post('/api/v1/auth/login', { email, password: alice.password })
    expect(login.body['user']).toMatchObject({ admin: true })
    const { items } = await auth.running.engines.operator.auditEntries({ limit: 9 })
    expect(items).toMatchObject([{ action: 'admin.grant', actorId: 'console' }])
    expect(await changeAdmin(false, email)(env, output)).toBe(0)
  } finally {
    await auth.stop()
  }
})

it('answers other services alone', async () => {
  const auth = await startAuth()
  try {
    const { bearer } = await people(() => auth).loggedIn()
    for (const path of ['deny-list', 'accounts/find', 'accounts/erase', 'accounts/close', 'accounts/list'])
      for (const headers of [{}, bearer])
        expect(codeOf(await auth.post(`/internal/${path}`, { userId: 'x' }, headers))[0]).toBeGreaterThanOrEqual(401)
    const secret = { authorization: 'Bearer test-only-internal-secret-of-thirty-two' }
    expect((await auth.post('/internal/deny-list', {}, secret)).body).toEqual({ patterns: [] })
    expect(codeOf(await auth.post('/internal/accounts/find', { userId: 'x' }, secret))).toEqual([
      404,
      'account_not_found',
    ])
  } finally {
    await auth.stop()
  }
})
