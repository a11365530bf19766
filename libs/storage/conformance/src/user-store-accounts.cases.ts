import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alice, confirm, enrolled, race, RACERS, wins, type UserStoreStage } from './user-store-stage.ts'

export function accountTests({ clients }: UserStoreStage): void {
  const store = () => clients()[0]!
  const other = () => clients()[1]!

  describe('users', () => {
    it('are found by id and by address, by every client, once created', async () => {
      expect(await store().createUser(alice)).toEqual({ ok: true, value: undefined })
      expect(await other().userById('alice')).toEqual(alice)
      expect(await other().userByEmail('alice@example.com')).toEqual(alice)
      expect(await other().userById('bob')).toBeUndefined()
      expect(await other().userByEmail('bob@example.com')).toBeUndefined()
    })

    it('keep what they are when somebody else wants their address', async () => {
      await store().createUser(alice)
      const late = { ...alice, userId: 'mallory', passwordHash: 'other' }
      expect(await other().createUser(late)).toEqual({ ok: false, error: { kind: 'email-taken' } })
      expect(await store().userByEmail(alice.email)).toEqual(alice)
      expect(await store().userById('mallory')).toBeUndefined()
    })

    it('win an address once, however many race for it', async () => {
      const answers = await race(clients(), (client, racer) =>
        client.createUser({ ...alice, userId: `racer-${racer}` }),
      )
      expect(wins(answers.map((answer) => answer.ok))).toBe(1)
      const winner = `racer-${answers.findIndex((answer) => answer.ok)}`
      expect(await store().userByEmail(alice.email)).toMatchObject({ userId: winner })
      for (let racer = 0; racer < RACERS; racer++) {
        expect((await store().userById(`racer-${racer}`)) !== undefined).toBe(`racer-${racer}` === winner)
      }
    })

    it('are written to in the language they chose last', async () => {
      await store().createUser({ ...alice, language: 'de' })
      expect((await other().userByEmail(alice.email))?.language).toBe('de')
      expect(await other().setLanguage('alice', 'en')).toBe(true)
      expect((await store().userById('alice'))?.language).toBe('en')
      expect(await store().setLanguage('nobody', 'en')).toBe(false)
      expect(await store().userById('nobody')).toBeUndefined()
    })

    it('change their password hash only from the one expected', async () => {
      await store().createUser(alice)
      expect(await store().replacePasswordHash('alice', 'stale', 'hash-2')).toBe(false)
      expect(await store().replacePasswordHash('nobody', 'hash-1', 'hash-2')).toBe(false)
      expect(
        wins(await race(clients(), (client, n) => client.replacePasswordHash('alice', 'hash-1', `next-${n}`))),
      ).toBe(1)
      expect((await store().userById('alice'))?.passwordHash).toMatch(/^next-/)
    })
  })

  describe('the second factor', () => {
    it('counts only once confirmed, with its step used up', async () => {
      await store().createUser(alice)
      expect(await store().proposeTotp('nobody', 'sealed')).toBe(false)
      expect(await store().proposeTotp('alice', 'sealed')).toBe(true)
      const proposed = await other().userById('alice')
      expect(proposed).toEqual({ ...alice, proposedTotp: 'sealed' })
      expect(await confirm(other(), 'sealed', 50)).toBe(true)
      expect(await store().userById('alice')).toEqual({ ...alice, totp: { sealedSecret: 'sealed', lastStep: 50 } })
      expect(await store().acceptTotpStep('alice', 'sealed', 50)).toBe(false)
    })

    it('is confirmed once, and only by what was proposed last', async () => {
      await store().createUser(alice)
      await store().proposeTotp('alice', 'first')
      await store().proposeTotp('alice', 'second')
      expect(await confirm(store(), 'first', 1)).toBe(false)
      expect(wins(await race(clients(), (client) => confirm(client, 'second', 1)))).toBe(1)
      expect(await confirm(store(), 'second', 2)).toBe(false)
    })

    it('stays in force while another is proposed; then codes of the old one count no more', async () => {
      await enrolled(store())
      await store().proposeTotp('alice', 'newer')
      expect(await store().acceptTotpStep('alice', 'sealed', 101)).toBe(true)
      await confirm(store(), 'newer', 102)
      expect(await store().acceptTotpStep('alice', 'sealed', 103)).toBe(false)
      expect(await store().acceptTotpStep('alice', 'newer', 103)).toBe(true)
    })

    it('takes a step once, however many servers race with it', async () => {
      await enrolled(store())
      expect(wins(await race(clients(), (client) => client.acceptTotpStep('alice', 'sealed', 101)))).toBe(1)
    })

    it('never takes a step at or below one it has taken', async () => {
      await enrolled(store())
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 90, max: 130 }), { maxLength: 20 }), async (steps) => {
          for (const step of steps) {
            const last = (await other().userById('alice'))!.totp!.lastStep
            expect(await store().acceptTotpStep('alice', 'sealed', step)).toBe(step > last)
          }
        }),
        { numRuns: 10 },
      )
    })

    it('is taken away once, whole, and only while it is the one in force', async () => {
      await enrolled(store())
      await store().proposeTotp('alice', 'newer')
      expect(await store().removeTotp('alice', 'newer')).toBe(false)
      expect(await store().removeTotp('nobody', 'sealed')).toBe(false)
      expect(wins(await race(clients(), (client) => client.removeTotp('alice', 'sealed')))).toBe(1)
      expect(await other().userById('alice')).toEqual(alice)
      expect(await other().recoveryCodesLeft('alice')).toBe(0)
      expect(await other().useRecoveryCode('alice', 'code-1')).toBe(false)
      expect(await other().acceptTotpStep('alice', 'sealed', 900)).toBe(false)
      expect(await confirm(other(), 'newer', 900)).toBe(false)
    })

    it('takes no step of a user who has none', async () => {
      await store().createUser(alice)
      await store().proposeTotp('alice', 'sealed')
      expect(await store().acceptTotpStep('alice', 'sealed', 1)).toBe(false)
    })
  })

  describe('a recovery code', () => {
    it('works once, however many race with it, and leaves the others', async () => {
      await enrolled(store())
      expect(await store().useRecoveryCode('alice', 'unknown')).toBe(false)
      expect(await store().useRecoveryCode('bob', 'code-1')).toBe(false)
      expect(wins(await race(clients(), (client) => client.useRecoveryCode('alice', 'code-1')))).toBe(1)
      expect(await other().useRecoveryCode('alice', 'code-1')).toBe(false)
      expect(await other().useRecoveryCode('alice', 'code-2')).toBe(true)
    })

    it('is counted until it is used', async () => {
      expect(await store().recoveryCodesLeft('alice')).toBe(0)
      await enrolled(store())
      expect(await other().recoveryCodesLeft('alice')).toBe(2)
      await store().useRecoveryCode('alice', 'code-1')
      expect(await other().recoveryCodesLeft('alice')).toBe(1)
    })

    it('is replaced with all the others, while its second factor is in force', async () => {
      await enrolled(store())
      expect(await store().replaceRecoveryCodes('alice', 'older', ['x'])).toBe(false)
      expect(await store().replaceRecoveryCodes('nobody', 'sealed', ['x'])).toBe(false)
      expect(await store().replaceRecoveryCodes('alice', 'sealed', ['a', 'b', 'c'])).toBe(true)
      expect(await other().recoveryCodesLeft('alice')).toBe(3)
      expect(await other().useRecoveryCode('alice', 'code-1')).toBe(false)
      expect(await other().useRecoveryCode('alice', 'b')).toBe(true)
      expect((await other().userById('alice'))?.totp).toEqual({ sealedSecret: 'sealed', lastStep: 100 })
    })

    it('is worth nothing once there are new ones', async () => {
      await enrolled(store())
      await store().proposeTotp('alice', 'newer')
      await store().confirmTotp('alice', { sealedSecret: 'newer', step: 200, recoveryCodeHashes: ['code-3'] })
      expect(await store().useRecoveryCode('alice', 'code-1')).toBe(false)
      expect(await store().useRecoveryCode('alice', 'code-3')).toBe(true)
    })
  })
}
