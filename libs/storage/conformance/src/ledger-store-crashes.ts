import { UnknownOutcome, type LedgerStore } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { coinsOf, journalIds, mint, move } from './ledger-store-transfers.ts'
import { T0 } from './sample-data.ts'
import { surviveEveryCrash, type StoreBench } from './store-bench.ts'

export function ledgerCrashTests(bench: () => StoreBench<LedgerStore>): void {
  it('ends in the promised state when a batch is repeated after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      prepare: (store, tag) => store.apply([mint(`${tag}-m`, `user:${tag}`, 10)]),
      act: (store, tag) =>
        store.apply([
          { ...move(`${tag}-1`, `user:${tag}`, `escrow:1`, 6), kind: 'escrow', orderId: tag },
          move(`${tag}-2`, `user:${tag}`, `user:${tag}-mia`, 6),
          { ...move(`${tag}-3`, `escrow:1`, `user:${tag}-mia`, 2), orderId: tag },
        ]),
      check: async (store, tag) => {
        expect(await coinsOf(store, `user:${tag}`)).toBe(4)
        expect(await coinsOf(store, `user:${tag}-mia`)).toBe(2)
        expect(await journalIds(store, `user:${tag}`, 5)).toEqual([`${tag}-1`, `${tag}-m`])
        expect(await store.orderCoins(tag)).toEqual({ paidInCoins: 6, paidOutCoins: 2, refundedCoins: 0 })
        expect(await store.audit(T0 + 9)).toEqual([])
      },
    })
  })

  it('is whole after a sweep, when a client died at any step and nobody repeats its batch', async () => {
    const survivor = await bench().connect()
    let died = true
    for (let step = 0; died; step++) {
      expect(step).toBeLessThan(200)
      const [ann, mia] = [`user:swept${step}`, `user:swept${step}-mia`] as const
      await survivor.apply([mint(`swept${step}-m`, ann, 10)])
      const victim = await bench().connect()
      bench().crashes!.dieAt(victim, step)
      const batch = [1, 2, 3].map((n) => ({ ...move(`swept${step}:${n}`, ann, mia, 4), orderId: `swept${step}` }))
      await victim.apply(batch).catch(() => undefined)
      died = bench().crashes!.isDead(victim)
      await survivor.sweep(Number.MAX_SAFE_INTEGER, 1000)
      const arrived = await coinsOf(survivor, mia)
      expect([0, 4, 8]).toContain(arrived)
      expect(await survivor.balance(ann)).toEqual({ postedCoins: 10 - arrived, heldCoins: 0 })
      expect(await journalIds(survivor, mia, 5)).toHaveLength(arrived / 4)
      expect((await survivor.orderCoins(`swept${step}`)).paidOutCoins).toBe(arrived)
      expect(await survivor.sweep(Number.MAX_SAFE_INTEGER, 1000)).toBe(0)
      const kinds = (await survivor.apply(batch)).map((outcome) => outcome.kind)
      expect(kinds).toEqual(['posted', 'posted', 'insufficient'])
      expect(await coinsOf(survivor, mia)).toBe(8)
    }
    const broken = (await survivor.audit(T0 + 9)).filter(({ invariant }) => invariant !== 'order-adds-up')
    expect(broken).toEqual([])
  })

  it('tells the true outcome on repeating a call whose answer was lost', async () => {
    const [client, other] = await Promise.all([bench().connect(), bench().connect()])
    await other.apply([mint('m', 'user:ann', 5)])
    const batch = [move('a', 'user:ann', 'user:mia', 4), move('b', 'user:ann', 'user:mia', 4)]
    bench().crashes!.loseAnswer(client)
    await expect(client.apply(batch)).rejects.toThrow(UnknownOutcome)
    expect(await coinsOf(other, 'user:mia')).toBe(4)
    expect(await client.apply(batch)).toEqual([
      { kind: 'posted', repeated: true },
      { kind: 'insufficient', availableCoins: 1 },
    ])
    expect(await coinsOf(other, 'user:mia')).toBe(4)
  })
}
