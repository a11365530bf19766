import { bucketOf } from '@quarry/domain'
import type { ScheduleStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { numbers, orderOf, T0 } from './sample-data.ts'
import { entryOf, hold } from './schedule-store-buckets.ts'
import type { StoreBench } from './store-bench.ts'

/** Each of these reads, decides and writes while another client does so on the same bucket. */
export function raceTests(bench: () => StoreBench<ScheduleStore>): void {
  const bucket = bucketOf('a')
  let store: ScheduleStore
  let other: ScheduleStore
  beforeEach(async () => {
    store = await bench().connect()
    other = await bench().connect()
  })

  it('counts each of many orders that are activated in one bucket at once', async () => {
    const ids = idsIn(bucket, 12)
    await Promise.all(ids.map((id, index) => (index % 2 ? store : other).activate(entryOf(id), T0)))
    const { changes, entries } = await store.entriesChangedSince(bucket, 0)
    expect(changes).toBe(ids.length)
    expect(entries.map((entry) => entry.order.id).sort()).toEqual([...ids].sort())
  })

  it('loses neither a wish nor an answer that come at once', async () => {
    const each = 10
    const mine = await hold(store, bucket)
    await store.activate({ ...entryOf('a'), order: orderOf('a', { repetitions: 100 }) }, T0)
    const wish = async (client: ScheduleStore) => {
      for (let wishes = 0; wishes < each; wishes++)
        expect(await client.request('a', { kind: 'run-now' })).toMatchObject({ ok: true })
    }
    const answer = async () => {
      for (let rep = 0; rep < each; rep++)
        expect(await store.answer(mine, 'a', { kind: 'brought-forward', rep, at: T0 + rep })).toMatchObject({
          ok: true,
        })
    }
    // As many wishes are there from the start: an answer to none would count for nothing.
    await wish(store)
    await Promise.all([answer(), wish(store), wish(other)])
    const entry = await other.find('a')
    expect(entry).toMatchObject({ runNow: 2 * each })
    expect(entry?.segments.filter((segment) => segment.immediate)).toHaveLength(each)
  })

  it('lets no answer of the old owner land once another has claimed the bucket', async () => {
    const ids = idsIn(bucket, 12)
    await Promise.all(ids.map((id) => store.activate(entryOf(id), T0)))
    await Promise.all(ids.map((id) => store.request(id, { kind: 'pause' })))
    for (const some of [ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]) {
      const mine = await hold(store, bucket)
      const takeOver = async () => {
        await other.claim(bucket, mine.epoch, 'new owner')
        return other.findMany(some)
      }
      const [seen, ...answers] = await Promise.all([
        takeOver(),
        ...some.map((id) => store.answer(mine, id, { kind: 'stopped', firstSkipped: 3 })),
      ])
      expect(await other.findMany(some)).toEqual(seen)
      expect(seen.map((entry) => entry?.state)).toEqual(answers.map(({ ok }) => (ok ? 'paused' : 'pausing')))
    }
  })
}

function idsIn(bucket: number, count: number): string[] {
  const inBucket = numbers(60_000)
    .map(String)
    .filter((id) => bucketOf(id) === bucket)
  expect(inBucket.length).toBeGreaterThanOrEqual(count)
  return inBucket.slice(0, count)
}
