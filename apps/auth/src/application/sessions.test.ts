import { afterEach, beforeEach, expect, it } from 'vitest'
import { alice, openStage, type Stage } from '../../test/auth-stage.ts'

const DAY_MS = 86_400_000

let stage: Stage
beforeEach(async () => {
  stage = openStage()
  await stage.register()
})
afterEach(() => stage.close())

async function signedIn(): Promise<string> {
  const answer = await stage.auth.signIn.run(alice)
  if (!answer.ok) throw new Error(answer.error.kind)
  return answer.value.refreshToken
}

/** The next refresh token, or undefined when refused. */
async function refresh(token: string | undefined): Promise<string | undefined> {
  const answer = await stage.auth.refreshSession.run(token)
  return answer.ok ? answer.value.refreshToken : undefined
}

it('a refresh gives another token each time', async () => {
  let token: string | undefined = await signedIn()
  const seen = new Set([token])
  for (let n = 0; n < 5; n++) seen.add((token = await refresh(token))!)
  expect(seen.size).toBe(6)
  expect(seen.has(undefined as never)).toBe(false)
})

it('a token used again ends the session for whoever holds the newest', async () => {
  const first = await signedIn()
  const second = await refresh(first)
  const third = await refresh(second)
  expect(third).toBeDefined()
  expect(await refresh(first)).toBeUndefined()
  expect(await refresh(third)).toBeUndefined()
})

it('a token used by two at once serves one of them at most, and the session is over', async () => {
  const first = await signedIn()
  const next = await Promise.all(Array.from({ length: 6 }, () => refresh(first)))
  const served = next.filter((token) => token !== undefined)
  expect(served.length).toBeLessThanOrEqual(1)
  expect(await refresh(served[0])).toBeUndefined()
})

it('other sessions of the user go on when one ends', async () => {
  const [one, other] = [await signedIn(), await signedIn()]
  await stage.auth.signOut.run(one)
  expect(await refresh(one)).toBeUndefined()
  expect(await refresh(other)).toBeDefined()
})

it('a session is over when it was not refreshed for the idle time', async () => {
  const first = await signedIn()
  await stage.clock.advance(stage.config.sessionIdleMs - 1)
  const second = await refresh(first)
  expect(second).toBeDefined()
  await stage.clock.advance(stage.config.sessionIdleMs)
  expect(await refresh(second)).toBeUndefined()
})

it('a session is over after its longest time, however much it is used', async () => {
  let token: string | undefined = await signedIn()
  for (let day = 1; day < 30; day++) {
    await stage.clock.advance(DAY_MS)
    token = await refresh(token)
    expect(token).toBeDefined()
  }
  await stage.clock.advance(DAY_MS)
  expect(await refresh(token)).toBeUndefined()
})

it.each([undefined, '', 'a.b.c', `${'x'.repeat(22)}.${'y'.repeat(22)}.${'z'.repeat(43)}`])(
  '%j is no refresh token',
  async (token) => {
    expect(await refresh(token)).toBeUndefined()
  },
)

it('the newest token is not in the store', async () => {
  const token = await signedIn()
  const [userId, sessionId] = token.split('.')
  const stored = JSON.stringify(await stage.store.session(userId!, sessionId!))
  expect(stored).not.toContain(token.split('.')[2])
})

it('what has expired is cleared away, what counts is kept', async () => {
  const token = await signedIn()
  await stage.auth.signIn.run({ ...alice, password: 'wrong' })
  await stage.clock.advance(31 * DAY_MS)
  const fresh = await signedIn()
  await stage.auth.forgetStale.run()
  const [userId, sessionId] = token.split('.')
  expect(await stage.store.session(userId!, sessionId!)).toBeUndefined()
  expect(await refresh(fresh)).toBeDefined()
})
