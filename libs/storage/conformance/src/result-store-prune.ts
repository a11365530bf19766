import type { ResultStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { failedRun, numbers, pageOf, shaOf, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

export function pruneTests(bench: () => StoreBench<ResultStore>): void {
  let store: ResultStore
  beforeEach(async () => {
    store = await bench().connect()
  })

  const has = async (text: string) => (await store.body('customer', shaOf(text))) !== undefined

  it('forgets what is older, and keeps the counts', async () => {
    await store.store([pageOf('o', 0, 'old'), { run: failedRun('o', 1) }], T0)
    await store.store([pageOf('o', 2, 'new')], T0 + 10)
    expect(await store.prune(T0 + 10, 100)).toBe(2)
    expect(await store.run('o:0')).toBeUndefined()
    expect((await store.runsOf('o', { limit: 9 })).items.map((run) => run.rep)).toEqual([2])
    expect((await store.inbox('customer', { limit: 9 })).map((entry) => entry.run.rep)).toEqual([2])
    expect([await has('old'), await has('new')]).toEqual([false, true])
    expect(await store.totals(['o'])).toMatchObject([{ delivered: 2, failed: 1 }])
    expect(await store.prune(T0 + 10, 100)).toBe(0)
  })

  it('forgets no more at once than it is told to, oldest first', async () => {
    for (const rep of numbers(5)) await store.store([{ run: failedRun('o', rep) }], T0 + rep)
    expect(await store.prune(T0 + 100, 2)).toBe(2)
    expect((await store.inbox('customer', { limit: 9 })).map((entry) => entry.run.rep)).toEqual([2, 3, 4])
    expect(await store.prune(T0 + 100, 100)).toBe(3)
    expect(await store.inbox('customer', { limit: 9 })).toEqual([])
  })

  it('keeps a body as long as one run names it', async () => {
    await store.store([pageOf('o', 0, 'same'), pageOf('p', 0, 'same', { customerId: 'another' })], T0)
    await store.store([pageOf('o', 1, 'same')], T0 + 10)
    await store.prune(T0 + 10, 100)
    expect(await has('same')).toBe(true)
    expect(await store.body('another', shaOf('same'))).toBeUndefined()
    await store.store([pageOf('o', 2, 'same')], T0 + 20)
    await store.prune(T0 + 20, 100)
    expect(await has('same')).toBe(true)
    await store.prune(T0 + 30, 100)
    expect(await has('same')).toBe(false)
    await store.store([pageOf('o', 3, 'same')], T0 + 30)
    expect(await has('same')).toBe(true)
  })

  it('forgets all of one customer, however young, and nothing of others', async () => {
    const stranger = { customerId: 'another' }
    for (const rep of numbers(5)) await store.store([pageOf('o', rep, rep % 2 ? 'odd' : 'even')], T0 + rep)
    await store.store([{ run: failedRun('p', 1) }, pageOf('q', 0, 'odd', stranger)], T0 + 9)
    let erased = 0
    for (let left = 2; left === 2; erased += left) left = await store.eraseOf('customer', 2)
    expect(erased).toBe(6)
    expect(await store.eraseOf('customer', 100)).toBe(0)
    expect(await store.eraseOf('nobody', 100)).toBe(0)
    expect(await store.inbox('customer', { limit: 9 })).toEqual([])
    expect((await store.runsOf('o', { limit: 9 })).items).toEqual([])
    expect([await has('odd'), await has('even')]).toEqual([false, false])
    expect(await store.run('p:1')).toBeUndefined()
    expect(await store.unsettled('o', 5, 9)).toEqual([])
    expect(await store.inbox('another', { limit: 9 })).toHaveLength(1)
    expect(await store.body('another', shaOf('odd'))).toBeDefined()
  })

  it('never takes a forgotten run for a missing one, nor stores its job again', async () => {
    await store.store(
      [0, 1, 4, 5].map((rep) => ({ run: failedRun('o', rep) })),
      T0,
    )
    expect(await store.prune(T0 + 1, 100)).toBe(4)
    expect(await store.inbox('customer', { limit: 9 })).toEqual([])
    expect(await store.unsettled('o', 8, 10)).toEqual([2, 3, 6, 7])
    for (const rep of [1, 5]) {
      const late = failedRun('o', rep, { attempt: 2 })
      expect(await store.store([{ run: late }], T0 + 2)).toEqual([{ kind: 'known', run: late }])
    }
    expect(await store.inbox('customer', { limit: 9 })).toEqual([])
    await store.store(
      [2, 3].map((rep) => ({ run: failedRun('o', rep) })),
      T0 + 3,
    )
    expect(await store.unsettled('o', 8, 10)).toEqual([6, 7])
    expect(await store.store([{ run: failedRun('o', 4) }], T0 + 4)).toMatchObject([{ kind: 'known' }])
    expect(await store.totals(['o'])).toMatchObject([{ failed: 6 }])
  })

  it('never uses a cursor twice, even when everything was forgotten', async () => {
    await store.store(
      numbers(3).map((rep) => ({ run: failedRun('o', rep) })),
      T0,
    )
    const last = (await store.inbox('customer', { limit: 9 })).at(-1)!.cursor
    await store.prune(T0 + 1, 100)
    await store.store([{ run: failedRun('o', 3) }], T0 + 1)
    const next = await store.inbox('customer', { limit: 9, after: last })
    expect(next.map((entry) => entry.run.rep)).toEqual([3])
  })

  it('never takes the body of a page that is stored meanwhile', async () => {
    const other = await bench().connect()
    for (const rep of numbers(12)) {
      await store.store([pageOf('o', rep * 2, 'same')], T0)
      await Promise.all([store.prune(T0 + 1, 100), other.store([pageOf('o', rep * 2 + 1, 'same')], T0 + 2)])
      expect(await has('same')).toBe(true)
      await store.prune(T0 + 3, 100)
      expect(await has('same')).toBe(false)
    }
  })
}
