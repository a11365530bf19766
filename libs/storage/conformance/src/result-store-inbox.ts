import type { ResultStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { failedRun, numbers, pageOf, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

const DAY_MS = 86_400_000

export function inboxTests(bench: () => StoreBench<ResultStore>): void {
  let store: ResultStore
  let other: ResultStore
  beforeEach(async () => {
    store = await bench().connect()
    other = await bench().connect()
  })

  it('has a customer’s results in order of arrival, with cursors that sort as texts', async () => {
    for (const rep of [4, 2, 3, 0, 1, 12, 11, 10, 9, 8, 7, 6])
      await store.store([{ run: failedRun('o', rep) }], T0 + rep)
    await store.store([{ run: failedRun('q', 0, { customerId: 'another' }) }], T0)
    const inbox = await other.inbox('customer', { limit: 50 })
    expect(inbox.map((entry) => entry.run.rep)).toEqual([4, 2, 3, 0, 1, 12, 11, 10, 9, 8, 7, 6])
    expect(inbox[0]).toMatchObject({ storedAt: T0 + 4, run: failedRun('o', 4) })
    const cursors = inbox.map((entry) => entry.cursor)
    expect([...new Set(cursors)].sort()).toEqual(cursors)
    expect(await other.inbox('nobody', { limit: 50 })).toEqual([])
  })

  it('keeps the order of a batch', async () => {
    await store.store(
      numbers(15).map((index) => pageOf(`o${index}`, 0, `page ${index}`)),
      T0,
    )
    const inbox = await store.inbox('customer', { limit: 50 })
    expect(inbox.map((entry) => entry.run.orderId)).toEqual(numbers(15).map((index) => `o${index}`))
  })

  it('reads on from a cursor without gap or repeat while clients write', async () => {
    const seen: string[] = []
    const progress = { writing: true }
    const write = async (client: ResultStore, orderId: string) => {
      for (const rep of numbers(30)) await client.store([{ run: failedRun(orderId, rep) }], T0)
    }
    const written = Promise.all([write(store, 'left'), write(other, 'right')]).then(() => {
      progress.writing = false
    })
    const reader = await bench().connect()
    let after: string | undefined
    while (true) {
      const last = !progress.writing
      const entries = await reader.inbox('customer', { limit: 7, ...(after === undefined ? {} : { after }) })
      seen.push(...entries.map((entry) => entry.run.jobId))
      after = entries.at(-1)?.cursor ?? after
      if (entries.length === 0 && last) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    await written
    expect(seen).toHaveLength(60)
    expect(new Set(seen).size).toBe(60)
  })

  it('can be narrowed to one order and to a time', async () => {
    for (const index of numbers(8))
      await store.store([{ run: failedRun(index % 2 ? 'odd' : 'even', index) }], T0 + index)
    const reps = async (from: { after?: string; orderId?: string; since?: number; limit?: number }) =>
      (await store.inbox('customer', { limit: 10, ...from })).map((entry) => entry.run.rep)
    expect(await reps({ orderId: 'odd' })).toEqual([1, 3, 5, 7])
    expect(await reps({ orderId: 'none' })).toEqual([])
    expect(await reps({ since: T0 + 3 })).toEqual([3, 4, 5, 6, 7])
    expect(await reps({ since: T0 + 3, orderId: 'even', limit: 1 })).toEqual([4])
    const third = (await store.inbox('customer', { limit: 3 }))[2]!.cursor
    expect(await reps({ after: third })).toEqual([3, 4, 5, 6, 7])
    expect(await reps({ after: third, orderId: 'odd', since: T0 + 4 })).toEqual([5, 7])
  })

  it('goes on from day to day, also from a place of which nothing is left', async () => {
    for (const rep of numbers(5)) await store.store([{ run: failedRun('o', rep) }], T0 + rep * DAY_MS)
    const all = await other.inbox('customer', { limit: 9 })
    expect(all.map((entry) => entry.run.rep)).toEqual([0, 1, 2, 3, 4])
    const cursors = all.map((entry) => entry.cursor)
    expect([...cursors].sort()).toEqual(cursors)
    const reps = async (from: { after?: string; since?: number; limit?: number }) =>
      (await other.inbox('customer', { limit: 9, ...from })).map((entry) => entry.run.rep)
    expect(await reps({ after: cursors[1]!, limit: 2 })).toEqual([2, 3])
    expect(await reps({ since: T0 + 2 * DAY_MS + 1 })).toEqual([3, 4])
    expect(await other.prune(T0 + 2 * DAY_MS, 100)).toBe(2)
    for (const from of [{}, { after: cursors[0]! }, { after: cursors[1]! }]) expect(await reps(from)).toEqual([2, 3, 4])
    expect(await other.prune(T0 + 9 * DAY_MS, 100)).toBe(3)
    expect(await reps({})).toEqual([])
    await store.store([{ run: failedRun('o', 5) }], T0 + 9 * DAY_MS)
    for (const from of [{}, { after: cursors[0]! }, { after: cursors[4]! }]) expect(await reps(from)).toEqual([5])
  })
}
