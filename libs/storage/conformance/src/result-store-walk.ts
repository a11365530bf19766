import type { Instant } from '@quarry/domain'
import type { ResultStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { failedRun, numbers, pageOf, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

const DAY_MS = 86_400_000

export function walkTests(bench: () => StoreBench<ResultStore>): void {
  let store: ResultStore
  let reader: ResultStore
  beforeEach(async () => {
    store = await bench().connect()
    reader = await bench().connect()
  })

  async function walk(limit: number, since?: Instant) {
    const seen: string[] = []
    let after: string | undefined
    for (let pages = 0; pages < 1000; pages++) {
      const asked = { limit, ...(after !== undefined && { after }), ...(since !== undefined && { since }) }
      const { items, next } = await reader.stored(asked)
      expect(items.length).toBeLessThanOrEqual(limit)
      seen.push(...items.map(({ run, storedAt }) => `${run.jobId} ${run.customerId} ${storedAt - T0}`))
      after = next
      if (after === undefined) return seen.sort()
    }
    throw new Error('a walk that never ends')
  }

  it.each([1, 2, 7, 1000])('goes through the runs of everybody by %d', async (limit) => {
    expect(await walk(limit)).toEqual([])
    const all: string[] = []
    for (const day of [0, 1, 40]) {
      for (const who of ['ann', 'bob:1', 'zoë']) {
        const runs = numbers(3).map((rep) => failedRun(`o${day}-${who}`, rep, { customerId: who }))
        await store.store(
          runs.map((run) => ({ run })),
          T0 + day * DAY_MS,
        )
        all.push(...runs.map(({ jobId }) => `${jobId} ${who} ${day * DAY_MS}`))
      }
    }
    expect(await walk(limit)).toEqual(all.sort())
  })

  it('shows a run as it was stored, and the first one only', async () => {
    const first = pageOf('o', 0, 'page')
    await store.store([first], T0)
    await store.store([pageOf('o', 0, 'other'), { run: failedRun('o', 1) }], T0 + 1)
    const { items } = await reader.stored({ limit: 10 })
    expect(items).toEqual([
      { storedAt: T0, run: first.run },
      { storedAt: T0 + 1, run: failedRun('o', 1) },
    ])
  })

  it('begins at a time, and shows nothing that retention took', async () => {
    for (const rep of numbers(6)) await store.store([{ run: failedRun('o', rep) }], T0 + rep * DAY_MS)
    const reps = (from: number) =>
      numbers(6)
        .slice(from)
        .map((rep) => `o:${rep} customer ${rep * DAY_MS}`)
    expect(await walk(2, T0 + 3 * DAY_MS)).toEqual(reps(3))
    expect(await walk(2, T0 + 3 * DAY_MS + 1)).toEqual(reps(4))
    expect(await walk(2, T0 + 9 * DAY_MS)).toEqual([])
    await store.prune(T0 + 2 * DAY_MS, 100)
    expect(await walk(2)).toEqual(reps(2))
  })
}
