import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alice, openStage, type Stage } from '../../test/auth-stage.ts'
import { DEVICE_GRANT_LIFE_MS } from './ask-device-approval.ts'

const client = 'mining-client'
let stage: Stage
let userId: string
beforeEach(async () => {
  stage = openStage({ servers: 2 })
  userId = await stage.register()
  await stage.enrol(userId)
})
afterEach(() => stage.close())

const ask = async (askedFrom = '192.0.2.7') => {
  const asked = await stage.auth.askDeviceApproval.run({ client, deviceName: 'attic', askedFrom })
  if (!asked.ok) throw new Error(asked.error.kind)
  return asked.value
}
/** A poll that comes in time, and what became of it. */
const poll = async (deviceCode: string, server = 0) => {
  await stage.clock.advance(60_000)
  return pollAtOnce(deviceCode, server)
}
const pollAtOnce = async (deviceCode: string, server = 0) => {
  const polled = await stage.servers[server]!.pollDeviceGrant.run(client, deviceCode)
  return polled.ok ? polled.value : polled.error.kind
}
const decide = async (userCode: string, state: 'approved' | 'refused' = 'approved', by = userId) => {
  const decided = await stage.auth.decideDeviceGrant.decide(by, userCode, state)
  return decided.ok ? 'done' : decided.error.kind
}
const look = async (userCode: string, by = userId) => {
  const seen = await stage.auth.decideDeviceGrant.look(by, userCode)
  return seen.ok ? seen.value : seen.error.kind
}

describe('a device', () => {
  it('waits, is approved by a person who sees what asks, and gets its one token', async () => {
    const { deviceCode, userCode } = await ask()
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(await poll(deviceCode)).toBe('authorization-pending')
    expect(await look(` ${userCode.toLowerCase().replace('-', ' ')} `)).toMatchObject({
      userCode,
      client,
      deviceName: 'attic',
      scopes: ['mine'],
      askedFrom: '192.0.2.7',
      askedAt: stage.clock.now() - 60_000,
    })
    expect(await decide(userCode)).toBe('done')
    expect(await decide(userCode)).toBe('done')
    expect(await look(userCode)).toBe('no-such-user-code')
    const { token } = (await poll(deviceCode)) as { token: string }
    const traded = await stage.auth.exchangeApiToken.run(token)
    expect(traded).toMatchObject({ ok: true, value: { userId, scopes: ['mine'] } })
    expect(await poll(deviceCode)).toBe('invalid-grant')
    expect(await stage.auth.listApiTokens.run(userId)).toMatchObject([{ name: 'attic', scopes: ['mine'] }])
    expect((await stage.auth.revokeOwnToken.run(token)).ok).toBe(true)
    expect(await stage.auth.exchangeApiToken.run(token)).toMatchObject({ ok: false })
  })

  it('gets one token of polls at the same time on two servers', async () => {
    const { deviceCode, userCode } = await ask()
    await decide(userCode)
    const polls = await Promise.all([0, 1, 0, 1].map((server) => pollAtOnce(deviceCode, server)))
    expect(polls.filter((outcome) => typeof outcome !== 'string')).toHaveLength(1)
    expect(await stage.auth.listApiTokens.run(userId)).toHaveLength(1)
  })

  it('is sent away when refused, whoever asks again', async () => {
    const { deviceCode, userCode } = await ask()
    expect(await decide(userCode, 'refused')).toBe('done')
    expect(await decide(userCode)).toBe('no-such-user-code')
    expect(await poll(deviceCode)).toBe('access-denied')
    expect(await stage.auth.listApiTokens.run(userId)).toEqual([])
  })

  it('waits five seconds longer each time that it asks too soon', async () => {
    const { deviceCode, pollIntervalMs } = await ask()
    expect(await pollAtOnce(deviceCode)).toBe('authorization-pending')
    await stage.clock.advance(pollIntervalMs - 1)
    expect(await pollAtOnce(deviceCode)).toBe('slow-down')
    await stage.clock.advance(pollIntervalMs + 4999)
    expect(await pollAtOnce(deviceCode)).toBe('slow-down')
    await stage.clock.advance(pollIntervalMs + 10_000)
    expect(await pollAtOnce(deviceCode)).toBe('authorization-pending')
  })

  it('is told when its code has expired, approved or not', async () => {
    const [waiting, approved] = [await ask(), await ask()]
    await decide(approved.userCode)
    await stage.clock.advance(DEVICE_GRANT_LIFE_MS)
    expect(await pollAtOnce(waiting.deviceCode)).toBe('expired-token')
    expect(await pollAtOnce(approved.deviceCode)).toBe('expired-token')
    expect(await decide(waiting.userCode)).toBe('no-such-user-code')
    await stage.auth.forgetStale.run()
    expect(await pollAtOnce(waiting.deviceCode)).toBe('expired-token')
  })

  it('gets nothing for a code of its own making, another program’s code, or a permission it may not have', async () => {
    const { deviceCode, userCode } = await ask()
    await decide(userCode)
    expect(await pollAtOnce('made-up')).toBe('invalid-grant')
    const otherProgram = await stage.auth.pollDeviceGrant.run('result-client', deviceCode)
    expect(otherProgram).toMatchObject({ ok: false, error: { kind: 'invalid-grant' } })
    const greedy = { client, scopes: ['mine', 'orders:write'], askedFrom: 'x' } as const
    expect(await stage.auth.askDeviceApproval.run(greedy)).toMatchObject({ error: { kind: 'scope-not-allowed' } })
  })

  it('may ask ten times a minute from one address', async () => {
    for (let n = 0; n < 10; n++) await ask('192.0.2.9')
    await expect(ask('192.0.2.9')).rejects.toThrow('too-many-guesses')
    await ask('192.0.2.10')
    await stage.clock.advance(60_000)
    await ask('192.0.2.9')
  })

  it('leaves no code in the clear in the store', async () => {
    const { deviceCode, userCode } = await ask()
    const kept = JSON.stringify(await stage.store.deviceGrants.grantByUserCode(hashOf(userCode)))
    expect(kept).toContain('attic')
    for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) expect(kept).not.toContain(secret)
  })
})

describe('whoever types user codes', () => {
  it('has five wrong tries in a quarter of an hour, and own right codes give no more', async () => {
    const { userCode } = await ask()
    for (let n = 0; n < 5; n++) {
      expect(await look('BBBB-BBBB')).toBe('no-such-user-code')
      if (n < 4) expect(await look(userCode)).toMatchObject({ client })
    }
    expect(await look(userCode)).toBe('too-many-guesses')
    expect(await decide(userCode)).toBe('too-many-guesses')
    await stage.clock.advance(15 * 60_000)
    const later = await ask()
    expect(await look(later.userCode)).toMatchObject({ client })
  })

  it('has five wrong tries on all servers together, sent all at once', async () => {
    const guesses = Array.from({ length: 40 }, (_, n) =>
      stage.servers[n % 2]!.decideDeviceGrant.decide(userId, 'CCCC-CCCC', 'approved'),
    )
    const evaluated = (await Promise.all(guesses)).filter(
      (answer) => !answer.ok && answer.error.kind === 'no-such-user-code',
    )
    expect(evaluated.length).toBeLessThanOrEqual(5)
  })

  it('needs a second factor', async () => {
    const bob = await stage.register({ ...alice, email: 'bob@example.com' })
    const { userCode } = await ask()
    expect(await look(userCode, bob)).toBe('totp-needed')
    expect(await decide(userCode, 'approved', bob)).toBe('totp-needed')
    expect(await look(userCode)).toMatchObject({ client })
  })
})

function hashOf(userCode: string): string {
  return stage.auth.deviceCodes.hashOfUserCode(userCode)
}
