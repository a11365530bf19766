import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alice, openStage, type Stage } from '../../test/auth-stage.ts'

let stage: Stage
beforeEach(() => {
  stage = openStage({ servers: 2 })
})
afterEach(() => stage.close())

const kindOf = (answer: { ok: boolean; error?: { kind: string } }) => (answer.ok ? 'signed-in' : answer.error?.kind)
const signIn = async (more: Partial<Parameters<Stage['auth']['signIn']['run']>[0]> = {}, server = 0) =>
  stage.servers[server]!.signIn.run({ ...alice, ...more })

describe('signing in', () => {
  it('opens a session for the right password only', async () => {
    const userId = await stage.register()
    const wrong = await signIn({ password: 'plum tree in the sun' })
    expect(wrong).toEqual({ ok: false, error: { kind: 'sign-in-failed' } })
    await stage.clock.advance(1000)
    const right = await signIn()
    expect(right).toMatchObject({
      ok: true,
      value: { view: { user: { userId, email: alice.email, totpEnabled: false } } },
    })
  })

  it('answers for an unknown address as for a wrong password, the counting included', async () => {
    await stage.register()
    for (let round = 0; round < 5; round++) {
      const known = await signIn({ password: 'wrong' })
      const unknown = await signIn({ email: 'nobody@example.com' })
      expect(unknown).toEqual(known)
      await stage.clock.advance(round % 2 === 0 ? 300 : 3000)
    }
  })

  it('keeps the first password when the address is registered again', async () => {
    await stage.register()
    const again = await stage.auth.registerUser.run({ ...alice, password: 'something else entirely' })
    expect(again).toEqual({ ok: true, value: undefined })
    expect(kindOf(await signIn({ password: 'something else entirely' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn())).toBe('signed-in')
  })

  it('hashes the password anew when its hash is of an older cost', async () => {
    const userId = await stage.register()
    const stronger = openStage({ env: { QUARRY_AUTH_INSECURE_BCRYPT_COST: '5' } })
    const before = (await stage.store.userById(userId))!
    await stronger.store.createUser(before)
    await stronger.auth.keys.open()
    expect(kindOf(await stronger.auth.signIn.run(alice))).toBe('signed-in')
    const after = (await stronger.store.userById(userId))!.passwordHash
    expect(after).toMatch(/^\$2b\$05\$/)
    expect(kindOf(await stronger.auth.signIn.run(alice))).toBe('signed-in')
    expect((await stronger.store.userById(userId))!.passwordHash).toBe(after)
    await stronger.close()
  })
})

describe('the second factor', () => {
  it('is asked for when the password was right, and asking costs no try', async () => {
    const { secret } = await stage.enrol(await stage.register())
    for (let n = 0; n < 3; n++) expect(kindOf(await signIn())).toBe('totp-required')
    expect(kindOf(await signIn({ code: await stage.codeOf(secret) }))).toBe('signed-in')
  })

  it('is not asked for, nor used up, when the password was wrong', async () => {
    const { secret } = await stage.enrol(await stage.register())
    const code = await stage.codeOf(secret)
    expect(kindOf(await signIn({ password: 'wrong' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn({ password: 'wrong', code }))).toBe('sign-in-failed')
    await stage.clock.advance(2000)
    expect(kindOf(await signIn({ code }))).toBe('signed-in')
  })

  it('takes a code once, also when two servers race', async () => {
    const { secret } = await stage.enrol(await stage.register())
    const code = await stage.codeOf(secret)
    const user = (await stage.store.userByEmail(alice.email))!
    const racing = await Promise.all([signIn({ code }, 0), signIn({ code }, 1)])
    expect(racing.filter((answer) => answer.ok)).toHaveLength(1)
    await stage.clock.advance(5000)
    expect(kindOf(await signIn({ code }))).toBe('sign-in-failed')
    expect((await stage.store.userById(user.userId))!.totp!.lastStep).toBeGreaterThan(user.totp!.lastStep)
  })

  it.each([
    [-21, 'sign-in-failed'],
    [-20, 'clock-off'],
    [-2, 'clock-off'],
    [-1, 'signed-in'],
    [0, 'signed-in'],
    [1, 'signed-in'],
    [2, 'clock-off'],
    [20, 'clock-off'],
    [21, 'sign-in-failed'],
  ])('answers a code %i steps off with %s', async (steps, answer) => {
    const { secret } = await stage.enrol(await stage.register())
    await stage.clock.advance(900_000)
    expect(kindOf(await signIn({ code: await stage.codeOf(secret, steps) }))).toBe(answer)
  })

  it('speaks of a clock only after a right password', async () => {
    const { secret } = await stage.enrol(await stage.register())
    await stage.clock.advance(900_000)
    const code = await stage.codeOf(secret, -5)
    expect(kindOf(await signIn({ password: 'wrong', code }))).toBe('sign-in-failed')
  })

  it('does not take the code of a time to come once it has told of it, not even at that time', async () => {
    const { secret } = await stage.enrol(await stage.register())
    const code = await stage.codeOf(secret, 5)
    expect(kindOf(await signIn({ code }))).toBe('clock-off')
    await stage.clock.advance(150_000)
    expect(kindOf(await signIn({ code }))).toBe('sign-in-failed')
    await stage.clock.advance(30_000)
    expect(kindOf(await signIn({ code: await stage.codeOf(secret) }))).toBe('signed-in')
  })

  it('takes no code before one that was taken', async () => {
    const { secret } = await stage.enrol(await stage.register())
    await stage.clock.advance(120_000)
    const earlier = await stage.codeOf(secret)
    expect(kindOf(await signIn({ code: await stage.codeOf(secret, 1) }))).toBe('signed-in')
    expect(kindOf(await signIn({ code: earlier }))).toBe('sign-in-failed')
  })

  it('can be replaced by each recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await stage.enrol(await stage.register())
    expect(new Set(recoveryCodes).size).toBe(10)
    const typed = ` ${recoveryCodes[0]!.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O')}`
    expect(kindOf(await signIn({ code: typed }))).toBe('signed-in')
    expect(kindOf(await signIn({ code: recoveryCodes[0]! }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn({ code: recoveryCodes[9]! }))).toBe('signed-in')
  })

  it('can be changed only by both factors, and then ends the old one and its recovery codes', async () => {
    const userId = await stage.register()
    const old = await stage.enrol(userId)
    const { password } = alice
    expect(kindOf(await stage.auth.enrolTotp.run({ userId, password }))).toBe('totp-required')
    expect(kindOf(await stage.auth.enrolTotp.run({ userId, password, code: '000000' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    const enrolled = await stage.auth.enrolTotp.run({ userId, password, code: await stage.codeOf(old.secret) })
    if (!enrolled.ok) throw new Error(enrolled.error.kind)
    const { secret } = enrolled.value
    const request = { userId, endOtherSessions: true, sessionId: undefined }
    expect(kindOf(await stage.auth.confirmTotp.run({ ...request, code: '000000' }))).toBe('wrong-code')
    await stage.clock.advance(1000)
    const confirmed = await stage.auth.confirmTotp.run({ ...request, code: await stage.codeOf(secret) })
    expect(confirmed.ok).toBe(true)
    expect(kindOf(await stage.auth.confirmTotp.run({ ...request, code: await stage.codeOf(secret, 1) }))).toBe(
      'nothing-proposed',
    )
    expect(kindOf(await signIn({ code: old.recoveryCodes[1]! }))).toBe('sign-in-failed')
    await stage.clock.advance(60_000)
    expect(kindOf(await signIn({ code: await stage.codeOf(old.secret) }))).toBe('sign-in-failed')
    await stage.clock.advance(60_000)
    expect(kindOf(await signIn({ code: await stage.codeOf(secret) }))).toBe('signed-in')
  })

  it('is kept encrypted, and its codes hashed', async () => {
    const { secret, recoveryCodes } = await stage.enrol(await stage.register())
    const stored = JSON.stringify(await stage.store.userByEmail(alice.email))
    expect(stored).not.toContain(secret)
    const user = (await stage.store.userByEmail(alice.email))!
    expect(await stage.store.useRecoveryCode(user.userId, recoveryCodes[0]!)).toBe(false)
  })
})

describe('guessing', () => {
  const evaluated = (kind: string | undefined) => kind !== 'too-many-guesses'

  it('has at most 10 of 1,000 guesses evaluated, however they are spread over a second each, servers and factors', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1000, maxLength: 1000 }),
        async (gaps) => {
          const fresh = openStage({ servers: 2 })
          const { recoveryCodes } = await fresh.enrol(await fresh.register())
          let looked = 0
          for (const [n, gapMs] of gaps.entries()) {
            const guess =
              n % 2 === 0 ? { ...alice, password: `guess ${n}` } : { ...alice, code: String(n).padStart(6, '0') }
            if (evaluated(kindOf(await fresh.servers[n % 2]!.signIn.run(guess)))) looked++
            await fresh.clock.advance(gapMs)
          }
          expect(looked).toBeLessThanOrEqual(10)
          expect(looked).toBeGreaterThan(3)
          expect(recoveryCodes).toHaveLength(10)
          await fresh.close()
        },
      ),
      { numRuns: 3 },
    )
  })

  it('has one of many guesses at the same moment evaluated', async () => {
    await stage.register()
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => signIn({ password: `guess ${n}` }, n % 2)))
    expect(answers.filter((answer) => evaluated(kindOf(answer)))).toHaveLength(1)
  })

  it('is told when to try again, and then the right password works and clears the count', async () => {
    await stage.register()
    for (let round = 0; round < 4; round++) {
      expect(kindOf(await signIn({ password: 'wrong' }))).toBe('sign-in-failed')
      const refused = await signIn()
      expect(refused).toEqual({ ok: false, error: { kind: 'too-many-guesses', retryAfterMs: 1000 * 2 ** round } })
      await stage.clock.advance(1000 * 2 ** round)
    }
    expect(kindOf(await signIn())).toBe('signed-in')
    expect(kindOf(await signIn({ password: 'wrong' }))).toBe('sign-in-failed')
    await stage.clock.advance(1000)
    expect(kindOf(await signIn())).toBe('signed-in')
  })

  it('by strangers keeps the owner out of no browser that signed in before, nor ends a session', async () => {
    await stage.register()
    const first = await signIn()
    if (!first.ok) throw new Error(first.error.kind)
    for (let n = 0; n < 30; n++) {
      await signIn({ password: `guess ${n}` })
      await stage.clock.advance(700)
    }
    expect(kindOf(await signIn())).toBe('too-many-guesses')
    expect(kindOf(await signIn({ deviceToken: first.value.deviceToken }))).toBe('signed-in')
    expect((await stage.auth.refreshSession.run(first.value.refreshToken)).ok).toBe(true)
    expect(kindOf(await signIn())).toBe('too-many-guesses')
  })

  it('from a browser that signed in before is counted as well, and a made-up mark is a stranger', async () => {
    await stage.register()
    const first = await signIn()
    if (!first.ok) throw new Error(first.error.kind)
    const { deviceToken } = first.value
    expect(kindOf(await signIn({ password: 'wrong', deviceToken }))).toBe('sign-in-failed')
    expect(kindOf(await signIn({ password: 'wrong', deviceToken }))).toBe('too-many-guesses')
    const forged = deviceToken.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect(kindOf(await signIn({ password: 'wrong', deviceToken: forged }))).toBe('sign-in-failed')
    expect(kindOf(await signIn({ deviceToken: `${forged}x` }))).toBe('too-many-guesses')
  })
})
