import type { DeviceGrant, LinkedSignIn, StoredApiToken, UserStore } from '@quarry/storage-port'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { describe, expect, it } from 'vitest'
import { race, wins, type UserStoreStage } from './user-store-stage.ts'

const asked: Omit<DeviceGrant, 'state' | 'userId' | 'polledAt'> = {
  codeHash: 'device-1',
  userCodeHash: 'user-code-1',
  client: 'mining-client',
  deviceName: 'attic',
  scopes: ['mine', 'orders:read'],
  askedFrom: '192.0.2.7',
  createdAt: 1000,
  expiresAt: 9000,
  pollIntervalMs: 5000,
}
const waiting: DeviceGrant = { ...asked, polledAt: 0, state: 'pending' }
const token = (tokenId: string, userId = 'alice'): StoredApiToken => ({
  userId,
  tokenId,
  name: 'attic',
  scopes: ['mine'],
  createdAt: 2000,
})
const link = (linkId: string, userId = 'alice'): LinkedSignIn => ({
  linkId,
  userId,
  provider: 'office',
  subject: `subject of ${linkId}`,
  email: 'alice@office.example',
  linkedAt: 100,
})

export function elsewhereTests({ clients }: UserStoreStage): void {
  const store = () => clients()[0]!
  const other = () => clients()[1]!
  const approve = (client: UserStore, userId = 'alice') =>
    client.deviceGrants.decideGrant('device-1', { state: 'approved', userId, at: 2000 })
  const refuse = (client: UserStore) =>
    client.deviceGrants.decideGrant('device-1', { state: 'refused', userId: 'alice', at: 2000 })
  const redeem = (client: UserStore, tokenId: string, userId = 'alice') =>
    client.deviceGrants.redeemGrant('device-1', token(tokenId, userId), `hash ${tokenId}`)

  describe('a device grant', () => {
    it('is found by both of its codes, by every client', async () => {
      expect(await store().deviceGrants.createGrant(asked)).toBe(true)
      expect(await other().deviceGrants.grantByCode('device-1')).toEqual(waiting)
      expect(await other().deviceGrants.grantByUserCode('user-code-1')).toEqual(waiting)
      expect(await other().deviceGrants.grantByCode('user-code-1')).toBeUndefined()
      expect(await other().deviceGrants.grantByUserCode('device-1')).toBeUndefined()
    })

    it('has a user code of its own, however many race for it', async () => {
      const created = await race(clients(), (client, n) =>
        client.deviceGrants.createGrant({ ...asked, codeHash: `device-${n}` }),
      )
      expect(wins(created)).toBe(1)
      const winner = `device-${created.indexOf(true)}`
      expect((await store().deviceGrants.grantByUserCode('user-code-1'))?.codeHash).toBe(winner)
    })

    it('is approved once, however many race', async () => {
      await store().deviceGrants.createGrant(asked)
      const answers = await race(clients(), (client, n) => approve(client, `user-${n}`))
      expect(wins(answers)).toBe(1)
      const { state, userId } = (await other().deviceGrants.grantByCode('device-1'))!
      expect([state, userId]).toEqual(['approved', `user-${answers.indexOf(true)}`])
    })

    it('is approved or refused, never both', async () => {
      await store().deviceGrants.createGrant(asked)
      const answers = await race(clients(), (client, n) => (n % 2 === 0 ? approve(client) : refuse(client)))
      expect(wins(answers)).toBe(1)
      const refused = answers.indexOf(true) % 2 === 1
      expect((await other().deviceGrants.grantByCode('device-1'))?.state).toBe(refused ? 'refused' : 'approved')
      expect(await redeem(store(), 't1')).toBe(!refused)
    })

    it('cannot be decided once it has expired, nor when there is none', async () => {
      await store().deviceGrants.createGrant(asked)
      const late = { state: 'approved', userId: 'alice', at: asked.expiresAt } as const
      expect(await store().deviceGrants.decideGrant('device-1', late)).toBe(false)
      expect(await store().deviceGrants.decideGrant('device-2', { ...late, at: 1 })).toBe(false)
      expect(await store().deviceGrants.grantByCode('device-2')).toBeUndefined()
    })

    it('counts each poll once', async () => {
      await store().deviceGrants.createGrant(asked)
      for (const last of [0, 3000]) {
        const next = { polledAt: last + 3000, pollIntervalMs: 10_000 }
        expect(wins(await race(clients(), (client) => client.deviceGrants.notePoll('device-1', last, next)))).toBe(1)
      }
      expect(await other().deviceGrants.grantByCode('device-1')).toEqual({
        ...waiting,
        polledAt: 6000,
        pollIntervalMs: 10_000,
      })
    })

    it('gives one token, however many polls race, and only to whoever approved it', async () => {
      await store().deviceGrants.createGrant(asked)
      expect(await redeem(store(), 'early')).toBe(false)
      await approve(store())
      expect(await redeem(store(), 'stolen', 'mallory')).toBe(false)
      const answers = await race(clients(), (client, n) => redeem(client, `t${n}`))
      expect(wins(answers)).toBe(1)
      const tokens = await other().apiTokensOf('alice')
      expect(tokens).toEqual([token(`t${answers.indexOf(true)}`)])
      expect(await store().apiTokenByHash(`hash t${answers.indexOf(true)}`)).toBeDefined()
      expect(await store().apiTokensOf('mallory')).toEqual([])
      expect((await other().deviceGrants.grantByCode('device-1'))?.state).toBe('redeemed')
      expect(await approve(store())).toBe(false)
    })

    it('does not bring its token back once that was revoked', async () => {
      await store().deviceGrants.createGrant(asked)
      await approve(store())
      await redeem(store(), 't1')
      await other().revokeApiToken('alice', 't1')
      expect(await redeem(store(), 't1')).toBe(false)
      expect(await store().apiTokensOf('alice')).toEqual([])
    })

    it('is forgotten after it expired, never before', async () => {
      await store().deviceGrants.createGrant(asked)
      expect(await store().deviceGrants.forgetGrants(asked.expiresAt, 10)).toBe(0)
      expect(await store().deviceGrants.grantByCode('device-1')).toBeDefined()
      expect(await store().deviceGrants.forgetGrants(asked.expiresAt + 1, 10)).toBeLessThanOrEqual(1)
    })
  })

  describe('a linked sign-in', () => {
    it('is found by its id and its user until it is unlinked', async () => {
      expect(await store().linkedSignIns.link(link('l1'))).toEqual({ ok: true, value: undefined })
      await store().linkedSignIns.link({ ...link('l2'), linkedAt: 50 })
      expect(await other().linkedSignIns.linkById('l1')).toEqual(link('l1'))
      expect((await other().linkedSignIns.linksOf('alice')).map(({ linkId }) => linkId)).toEqual(['l2', 'l1'])
      expect(await other().linkedSignIns.linksOf('bob')).toEqual([])
      const strangers = await other().linkedSignIns.unlink('bob', 'l1', false)
      expect(strangers).toEqual({ ok: false, error: { kind: 'no-such-link' } })
      expect((await other().linkedSignIns.unlink('alice', 'l1', false)).ok).toBe(true)
      expect(await store().linkedSignIns.linkById('l1')).toBeUndefined()
      expect((await store().linkedSignIns.linksOf('alice')).map(({ linkId }) => linkId)).toEqual(['l2'])
      expect((await store().linkedSignIns.link(link('l1', 'bob'))).ok).toBe(true)
    })

    it('belongs to one user, however many race; linking again is harmless', async () => {
      const answers = await race(clients(), (client, n) => client.linkedSignIns.link(link('l1', `user-${n}`)))
      expect(wins(answers.map(({ ok }) => ok))).toBe(1)
      const winner = `user-${answers.findIndex(({ ok }) => ok)}`
      expect(await other().linkedSignIns.linkById('l1')).toEqual(link('l1', winner))
      expect((await other().linkedSignIns.link({ ...link('l1', winner), linkedAt: 900 })).ok).toBe(true)
      expect(await store().linkedSignIns.linksOf(winner)).toEqual([link('l1', winner)])
      for (let n = 0; n < answers.length; n++)
        expect(await store().linkedSignIns.linksOf(`user-${n}`)).toHaveLength(`user-${n}` === winner ? 1 : 0)
    })

    it('keeps the last one where one must stay, whoever races', async () => {
      for (const id of ['l0', 'l1', 'l2']) await store().linkedSignIns.link(link(id))
      const answers = await Promise.all(
        ['l0', 'l1', 'l2'].map((id, n) => clients()[n]!.linkedSignIns.unlink('alice', id, true)),
      )
      expect(wins(answers.map(({ ok }) => ok))).toBe(2)
      const [left] = await store().linkedSignIns.linksOf('alice')
      const refused = await store().linkedSignIns.unlink('alice', left!.linkId, true)
      expect(refused).toEqual({ ok: false, error: { kind: 'last-link' } })
      expect((await store().linkedSignIns.unlink('alice', left!.linkId, false)).ok).toBe(true)
      expect(await other().linkedSignIns.linksOf('alice')).toEqual([])
    })
  })
}

/** Breaks amid what touches several rows: nothing half done can be seen, and repeating it ends well. */
export function elsewhereCrashTests({ clients, bench }: UserStoreStage): void {
  const store = () => clients()[0]!
  const other = () => clients()[1]!
  const moments = ['before', 'midway', 'after'] as const

  async function broken(moment: (typeof moments)[number], call: (store: UserStore) => Promise<unknown>): Promise<void> {
    bench().breakWrites!(store(), moment)
    await expect(call(store())).rejects.toThrow(moment === 'after' ? UnknownOutcome : Unavailable)
    bench().mend!(store())
  }

  it.each(moments)('makes at most one token of a grant when redeeming breaks %s', async (moment) => {
    await store().deviceGrants.createGrant(asked)
    await store().deviceGrants.decideGrant('device-1', { state: 'approved', userId: 'alice', at: 2000 })
    await broken(moment, (client) => client.deviceGrants.redeemGrant('device-1', token('t1'), 'hash t1'))
    const usedUp = (await other().deviceGrants.grantByCode('device-1'))!.state === 'redeemed'
    expect(usedUp).toBe(moment === 'after')
    expect(await other().deviceGrants.redeemGrant('device-1', token('t2'), 'hash t2')).toBe(!usedUp)
    const tokens = (await other().apiTokensOf('alice')).map(({ tokenId }) => tokenId)
    expect(usedUp ? [[], ['t1']] : [['t2']]).toContainEqual(tokens)
  })

  it.each(moments)('links wholly or not when it breaks %s, and may be repeated', async (moment) => {
    await broken(moment, (client) => client.linkedSignIns.link(link('l1')))
    const linked = (await other().linkedSignIns.linkById('l1')) !== undefined
    expect(await other().linkedSignIns.linksOf('alice')).toHaveLength(linked ? 1 : 0)
    expect((await store().linkedSignIns.link(link('l1'))).ok).toBe(true)
    expect(await other().linkedSignIns.linksOf('alice')).toEqual([link('l1')])
  })
}
