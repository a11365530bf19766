import { Unavailable, UnknownOutcome, type UserStore } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { alice, enrolled, type UserStoreStage } from './user-store-stage.ts'

/** Every write breaks before, amid and after it took effect; another client sees all of it or nothing. */
export function crashTests({ clients, bench }: UserStoreStage): void {
  const store = () => clients()[0]!
  const other = () => clients()[1]!

  async function broken(
    moment: 'before' | 'midway' | 'after',
    call: (store: UserStore) => Promise<unknown>,
  ): Promise<void> {
    bench().breakWrites!(store(), moment)
    await expect(call(store())).rejects.toThrow(moment === 'after' ? UnknownOutcome : Unavailable)
    bench().mend!(store())
  }

  it.each(['before', 'midway'] as const)('adds no user when it breaks %s', async (moment) => {
    await broken(moment, (client) => client.createUser(alice))
    expect(await other().userByEmail(alice.email)).toBeUndefined()
    expect(await other().userById('alice')).toBeUndefined()
    expect((await other().createUser({ ...alice, userId: 'later' })).ok).toBe(true)
  })

  it('keeps a user whose creation was not answered', async () => {
    await broken('after', (client) => client.createUser(alice))
    expect(await other().userByEmail(alice.email)).toEqual(alice)
  })

  it.each(['before', 'midway', 'after'] as const)(
    'confirms all of a second factor or nothing when it breaks %s',
    async (moment) => {
      await enrolled(store())
      await store().proposeTotp('alice', 'newer')
      await broken(moment, (client) =>
        client.confirmTotp('alice', { sealedSecret: 'newer', step: 300, recoveryCodeHashes: ['code-8', 'code-9'] }),
      )
      const done = moment === 'after'
      expect((await other().userById('alice'))?.totp?.sealedSecret).toBe(done ? 'newer' : 'sealed')
      expect(await other().useRecoveryCode('alice', 'code-1')).toBe(!done)
      expect(await other().useRecoveryCode('alice', 'code-9')).toBe(done)
    },
  )

  it('gives no code away when the answer of its use was lost', async () => {
    await enrolled(store())
    await broken('after', (client) => client.acceptTotpStep('alice', 'sealed', 101))
    expect(await store().acceptTotpStep('alice', 'sealed', 101)).toBe(false)
    await broken('after', (client) => client.useRecoveryCode('alice', 'code-1'))
    expect(await store().useRecoveryCode('alice', 'code-1')).toBe(false)
  })

  it('counts a guess whose counting was not answered', async () => {
    await broken('after', (client) => client.swapThrottle('k', 0, { failures: 1, blockedUntil: 5, at: 1 }))
    expect(await other().swapThrottle('k', 0, { failures: 1, blockedUntil: 5, at: 1 })).toBe(false)
  })
}
