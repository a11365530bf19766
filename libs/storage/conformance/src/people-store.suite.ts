import type { PeopleStore } from '@quarry/storage-port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { numbers } from './sample-data.ts'
import { surviveEveryCrash, type OpenBench, type StoreBench, type StoreCapabilities } from './store-bench.ts'

const named = (shown: string, folded = shown.toLowerCase()) => ({ shown, folded })
const done = { ok: true, value: undefined }
const taken = { ok: false, error: { kind: 'nickname-taken' } }

/** What every `PeopleStore` promises, checked through several clients of the same data. */
export function peopleStoreSuite(name: string, open: OpenBench<PeopleStore>, capabilities: StoreCapabilities): void {
  describe(`PeopleStore on ${name}`, () => {
    let bench: StoreBench<PeopleStore>
    let store: PeopleStore
    beforeEach(async () => {
      bench = await open()
      store = await bench.connect()
    })
    afterEach(() => bench.close())

    const listed = async () => (await store.members()).map(({ userId, nickname }) => `${userId}=${nickname}`).toSorted()

    it('lists who joined, by the name last chosen, until they leave', async () => {
      expect(await store.members()).toEqual([])
      expect(await store.join('u1', named('Ada'))).toEqual(done)
      expect(await store.join('u2', named('Bob'))).toEqual(done)
      expect(await store.join('u1', named('Ada'))).toEqual(done)
      expect(await listed()).toEqual(['u1=Ada', 'u2=Bob'])
      expect(await store.join('u1', named('Grace'))).toEqual(done)
      expect(await store.nicknameOf('u1')).toBe('Grace')
      expect(await store.nicknameOf('u3')).toBeUndefined()
      await store.leave('u1')
      await store.leave('u1')
      await store.leave('u3')
      expect(await listed()).toEqual(['u2=Bob'])
      expect(await store.nicknameOf('u1')).toBeUndefined()
    })

    it('gives a folded name to one user; it is free again after a change or a leave', async () => {
      await store.join('u1', named('Ada'))
      expect(await store.join('u2', named('ADA'))).toEqual(taken)
      expect(await store.join('u1', named('aDa'))).toEqual(done)
      expect(await listed()).toEqual(['u1=aDa'])
      await store.join('u1', named('Grace'))
      expect(await store.join('u2', named('Ada'))).toEqual(done)
      expect(await store.join('u1', named('Ada'))).toEqual(taken)
      expect(await listed()).toEqual(['u1=Grace', 'u2=Ada'])
      await store.leave('u2')
      expect(await store.join('u3', named('Ada'))).toEqual(done)
    })

    it('lets one of many win a name, and each of many take their own', async () => {
      const clients = await Promise.all(numbers(3).map(() => bench.connect()))
      const same = await Promise.all(numbers(6).map((index) => clients[index % 3]!.join(`u${index}`, named('Ada'))))
      expect(same.filter((outcome) => outcome.ok)).toHaveLength(1)
      expect(await store.members()).toHaveLength(1)
      const own = await Promise.all(
        numbers(6).map((index) => clients[index % 3]!.join(`u${index}`, named(`own${index}`))),
      )
      expect(own).toEqual(numbers(6).map(() => done))
      expect(await listed()).toEqual(numbers(6).map((index) => `u${index}=own${index}`))
      await Promise.all(numbers(6).map((index) => clients[index % 3]!.leave(`u${index}`)))
      expect(await store.members()).toEqual([])
      expect(await store.join('u9', named('own0'))).toEqual(done)
    })

    it('adds up what was earned by user and day, and of all', async () => {
      const other = await bench.connect()
      await store.addEarned(10, [
        { userId: 'u1', pages: 2, coins: 5 },
        { userId: 'u2', pages: 1, coins: 1 },
        { userId: 'u1', pages: 1, coins: 3 },
      ])
      await Promise.all([
        store.addEarned(11, [{ userId: 'u1', pages: 1, coins: 10 }]),
        other.addEarned(11, [{ userId: 'u1', pages: 1, coins: 20 }]),
        other.addEarned(11, []),
      ])
      expect(await store.earnedBy('u1', 10, 10)).toEqual({ pages: 3, coins: 8 })
      expect(await other.earnedBy('u1', 10, 11)).toEqual({ pages: 5, coins: 38 })
      expect(await store.earnedBy('u1', 12, 20)).toEqual({ pages: 0, coins: 0 })
      expect(await store.earnedBy('u3', 0, 20)).toEqual({ pages: 0, coins: 0 })
      expect(await other.earnedOn(10)).toEqual({ pages: 4, coins: 9 })
      expect(await store.earnedOn(9)).toEqual({ pages: 0, coins: 0 })
    })

    it('forgets a user and leaves the sums of all', async () => {
      await store.join('u1', named('Ada'))
      await store.addEarned(10, [{ userId: 'u1', pages: 1, coins: 2 }])
      await store.forgetUser('u1')
      await store.forgetUser('u1')
      expect(await store.members()).toEqual([])
      expect(await store.earnedBy('u1', 0, 20)).toEqual({ pages: 0, coins: 0 })
      expect(await store.earnedOn(10)).toEqual({ pages: 1, coins: 2 })
      expect(await store.join('u2', named('Ada'))).toEqual(done)
    })

    it.runIf(capabilities.crashes)('survives a crash at every step of joining and leaving', async () => {
      await surviveEveryCrash(bench, {
        prepare: (client, tag) => client.join(tag, named(`old-${tag}`)),
        act: (client, tag) => client.join(tag, named(`new-${tag}`)),
        check: async (client, tag) => {
          expect(await client.nicknameOf(tag)).toBe(`new-${tag}`)
          expect(await client.join(`other-${tag}`, named(`old-${tag}`))).toEqual(done)
          expect(await client.join(`third-${tag}`, named(`new-${tag}`))).toEqual(taken)
        },
      })
      await surviveEveryCrash(bench, {
        prepare: (client, tag) => client.join(tag, named(`gone-${tag}`)),
        act: (client, tag) => client.leave(tag),
        check: async (client, tag) => {
          expect(await client.nicknameOf(tag)).toBeUndefined()
          expect(await client.join(`heir-${tag}`, named(`gone-${tag}`))).toEqual(done)
        },
      })
    })
  })
}
