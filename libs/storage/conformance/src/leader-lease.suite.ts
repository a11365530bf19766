import { UnknownOutcome, type LeaderLease } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbers } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

const managerOf = (holder: string) => ({ holder, address: `http://${holder}.example:1` })

/** What every `LeaderLease` promises, checked through several clients of the same data. */
export function leaderLeaseSuite(name: string, open: OpenBench<LeaderLease>, capabilities: StoreCapabilities): void {
  describe(`LeaderLease on ${name}`, () => {
    let bench: StoreBench<LeaderLease>
    let lease: LeaderLease
    beforeEach(async () => {
      bench = await open()
      lease = await bench.connect()
    })
    afterEach(() => bench.close())

    async function taken(holder: string, leaseName = 'managers') {
      const taken = await lease.takeOver(leaseName, managerOf(holder), await lease.read(leaseName))
      if (!taken.ok) throw new Error('The lease was not free')
      return taken.value
    }

    it('is nobody’s at first, and each name is a lease of its own', async () => {
      expect(await lease.read('managers')).toBeUndefined()
      const first = await taken('a')
      expect(first).toMatchObject({ ...managerOf('a'), epoch: 1 })
      expect(await lease.read('managers')).toEqual(first)
      expect(await lease.read('others')).toBeUndefined()
      expect(await taken('b', 'others')).toMatchObject({ holder: 'b', epoch: 1 })
      expect(await lease.read('managers')).toEqual(first)
    })

    it('moves the beat on with every renewal and keeps the epoch', async () => {
      let held = await taken('a')
      for (let renewals = 0; renewals < 3; renewals++) {
        const renewed = await lease.renew('managers', held)
        if (!renewed.ok) throw new Error('The lease was lost')
        expect(renewed.value.beat).toBeGreaterThan(held.beat)
        expect(renewed.value).toEqual({ ...held, beat: renewed.value.beat })
        expect(await lease.read('managers')).toEqual(renewed.value)
        held = renewed.value
      }
    })

    it('raises the epoch with every take-over and refuses the old holder from then on', async () => {
      const a = await taken('a')
      const b = await taken('b')
      expect(b.epoch).toBe(a.epoch + 1)
      expect(await lease.renew('managers', a)).toEqual({ ok: false, error: { kind: 'lease-lost', current: b } })
      expect(await lease.read('managers')).toEqual(b)
      expect(await taken('a')).toMatchObject({ holder: 'a', epoch: b.epoch + 1 })
    })

    it('refuses to take over from a holder that has renewed since it was seen', async () => {
      const seen = await taken('a')
      const renewed = await lease.renew('managers', seen)
      expect(await lease.takeOver('managers', managerOf('b'), seen)).toEqual({
        ok: false,
        error: { kind: 'lease-lost', current: renewed.ok && renewed.value },
      })
      expect(await lease.takeOver('managers', managerOf('b'), undefined)).toMatchObject({ ok: false })
    })

    it.each(['first', 'later'])('gives it to one of many that take over at once (%s)', async (when) => {
      if (when === 'later') await taken('old')
      const seen = await lease.read('managers')
      const clients = await Promise.all(numbers(4).map(() => bench.connect()))
      const outcomes = await Promise.all(
        numbers(12).map((index) => clients[index % 4]!.takeOver('managers', managerOf(`m${index}`), seen)),
      )
      const winners = outcomes.filter((outcome) => outcome.ok)
      expect(winners).toHaveLength(1)
      const current = await lease.read('managers')
      expect(winners[0]!.value).toEqual(current)
      expect(current!.epoch).toBe((seen?.epoch ?? 0) + 1)
      for (const outcome of outcomes) if (!outcome.ok) expect(outcome.error.current).toEqual(current)
    })

    it('lets either a renewal or a take-over win, never both', async () => {
      const seen = await taken('a')
      const other = await bench.connect()
      const [renewed, takenOver] = await Promise.all([
        lease.renew('managers', seen),
        other.takeOver('managers', managerOf('b'), seen),
      ])
      expect([renewed.ok, takenOver.ok].filter(Boolean)).toHaveLength(1)
    })

    describe.runIf(capabilities.crashes)('when clients die', () => {
      it('is either taken or not after a death at any step', async () => {
        await surviveEveryCrash(bench, {
          prepare: (store, tag) => store.takeOver(tag, managerOf('old'), undefined),
          act: async (store, tag) => {
            const seen = await store.read(tag)
            return seen?.holder === 'new' ? undefined : store.takeOver(tag, managerOf('new'), seen)
          },
          check: async (store, tag) => expect(await store.read(tag)).toMatchObject({ holder: 'new', epoch: 2 }),
        })
      })

      it('shows to a reader whose take-over it was when the answer was lost', async () => {
        bench.crashes!.loseAnswer(lease)
        await expect(lease.takeOver('managers', managerOf('a'), undefined)).rejects.toThrow(UnknownOutcome)
        const current = (await lease.read('managers'))!
        expect(current).toMatchObject({ holder: 'a', epoch: 1 })
        expect(await lease.renew('managers', current)).toMatchObject({ ok: true })
      })
    })
  })
}
