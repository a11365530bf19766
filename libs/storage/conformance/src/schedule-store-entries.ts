import { bucketOf, type ScheduleEntry } from '@quarry/domain'
import type { BucketHold, EntryRequest, OwnerAnswer, ScheduleStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { numbers, orderOf, T0 } from './sample-data.ts'
import { entryOf, hold } from './schedule-store-buckets.ts'
import type { StoreBench } from './store-bench.ts'

export function entryTests(bench: () => StoreBench<ScheduleStore>): void {
  const bucket = bucketOf('a')
  let store: ScheduleStore
  let other: ScheduleStore
  let mine: BucketHold
  beforeEach(async () => {
    store = await bench().connect()
    other = await bench().connect()
    mine = await hold(store, bucket)
  })

  async function requested(request: EntryRequest): Promise<ScheduleEntry> {
    const answer = await store.request('a', request)
    if (!answer.ok) throw new Error(answer.error.kind)
    expect(await other.find('a')).toEqual(answer.value)
    return answer.value
  }

  async function answered(answer: OwnerAnswer): Promise<ScheduleEntry> {
    const outcome = await store.answer(mine, 'a', answer)
    if (!outcome.ok) throw new Error(outcome.error.kind)
    expect(await other.find('a')).toEqual(outcome.value)
    expect(await store.answer(mine, 'a', answer)).toEqual(outcome)
    return outcome.value
  }

  const changes = async () => (await store.bucket(bucket)).changes

  it('activates an order once and raises the changes for it', async () => {
    const entry = entryOf('a')
    expect(await store.activate(entry, T0)).toEqual(entry)
    expect(await changes()).toBe(1)
    await requested({ kind: 'pause' })
    expect(await store.activate(entry, T0 + 1)).toMatchObject({ state: 'pausing' })
    expect(await changes()).toBe(2)
    expect((await other.entries(bucket)).entries).toHaveLength(1)
  })

  it('forgets a closed entry for good, and leaves an open one', async () => {
    await store.activate(entryOf('a'), T0)
    await other.erase('a')
    expect(await store.find('a')).toEqual(entryOf('a'))
    await answered({ kind: 'emitted-all' })
    await other.erase('a')
    await answered({ kind: 'settled' })
    await other.erase('a')
    await store.erase('a')
    await store.erase('nothing')
    expect(await store.find('a')).toBeUndefined()
    expect(await store.findMany(['a'])).toEqual([undefined])
    expect((await store.entries(bucket)).entries).toEqual([])
    expect((await store.entriesChangedSince(bucket, 0)).entries).toEqual([])
  })

  it('activates an order once that many activate at once', async () => {
    const entries = await Promise.all(
      numbers(8).map((index) => (index % 2 ? store : other).activate(entryOf('a'), T0 + index)),
    )
    for (const entry of entries) expect(entry).toEqual(await store.find('a'))
    expect(await changes()).toBe(1)
  })

  it.each([
    ['now, when that is later', 120_000, 120_000],
    ['just after the watermark, when that is later', 70_000, 90_001],
  ])('moves a first repetition that the watermark has passed to %s', async (_, now, base) => {
    await store.advance(mine, T0 + 90_000, 0)
    const entry = await store.activate(entryOf('a'), T0 + now)
    expect(entry.segments).toEqual([{ fromRep: 0, baseAt: T0 + base }])
    expect(await other.find('a')).toEqual(entry)
  })

  it('finds entries by order, with undefined for those that are not there', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => store.activate(entryOf(id), T0)))
    expect(await other.findMany(['c', 'none', 'a', 'c'])).toEqual([entryOf('c'), undefined, entryOf('a'), entryOf('c')])
    expect(await other.find('none')).toBeUndefined()
  })

  it('lists a bucket’s own entries and what changed in it', async () => {
    const ids = numbers(40).map((index) => `order-${index}`)
    await Promise.all(ids.map((id) => store.activate(entryOf(id), T0)))
    for (const each of new Set(ids.map(bucketOf))) {
      const expected = ids.filter((id) => bucketOf(id) === each).sort()
      const listed = await other.entries(each)
      expect(listed.entries.map((entry) => entry.order.id).sort()).toEqual(expected)
      expect(listed.changes).toBe(expected.length)
    }
  })

  it('tells which entries changed since, closed ones included, each once', async () => {
    const same = numbers(20_000)
      .map(String)
      .filter((id) => bucketOf(id) === bucket)
      .slice(0, 3)
    for (const id of same) await store.activate(entryOf(id), T0)
    const seen = await changes()
    await store.request(same[1]!, { kind: 'pause' })
    await store.request(same[1]!, { kind: 'cancel' })
    for (const answer of [{ kind: 'stopped', firstSkipped: 0 }, { kind: 'refunded' }, { kind: 'settled' }] as const) {
      expect(await store.answer(mine, same[1]!, answer)).toMatchObject({ ok: true })
    }
    const changed = await other.entriesChangedSince(bucket, seen)
    expect(changed.changes).toBe(seen + 2)
    expect(changed.entries).toEqual([await store.find(same[1]!)])
    expect(changed.entries[0]).toMatchObject({ state: 'cancelled', closed: true })
    expect((await other.entriesChangedSince(bucket, changed.changes)).entries).toEqual([])
    expect((await other.entries(bucket)).entries.map((entry) => entry.order.id).sort()).toEqual(
      [same[0]!, same[2]!].sort(),
    )
  })

  it('leads an entry through pause and resume', async () => {
    await store.activate(entryOf('a'), T0)
    expect(await requested({ kind: 'pause', reason: 'too dear' })).toMatchObject({
      state: 'pausing',
      reason: 'too dear',
    })
    expect(await answered({ kind: 'stopped', firstSkipped: 3 })).toMatchObject({ state: 'paused', firstSkipped: 3 })
    const resumed = await requested({ kind: 'resume', now: T0 + 500_000 })
    expect(resumed.state).toBe('active')
    expect(resumed.firstSkipped).toBeUndefined()
    expect(resumed.segments.at(-1)).toMatchObject({ fromRep: 3 })
    expect(await changes()).toBe(3)
  })

  it('leads an entry through cancel and refund to its close', async () => {
    await store.activate(entryOf('a'), T0)
    expect(await requested({ kind: 'cancel' })).toMatchObject({ state: 'cancelling' })
    expect(await answered({ kind: 'stopped', firstSkipped: 1 })).toMatchObject({ state: 'cancelling', firstSkipped: 1 })
    expect(await answered({ kind: 'refunded' })).toMatchObject({ state: 'cancelled', closed: false })
    expect((await store.entries(bucket)).entries).toHaveLength(1)
    expect(await answered({ kind: 'settled' })).toMatchObject({ state: 'cancelled', closed: true })
    expect((await store.entries(bucket)).entries).toEqual([])
    expect(await other.find('a')).toMatchObject({ closed: true })
  })

  it('leads an entry to its end, with a repetition brought forward', async () => {
    await store.activate(entryOf('a'), T0)
    expect(await requested({ kind: 'run-now' })).toMatchObject({ runNow: 1 })
    const forward = await answered({ kind: 'brought-forward', rep: 0, at: T0 + 10 })
    expect(forward).toMatchObject({ runNow: 0, segments: [{ fromRep: 0, baseAt: T0 + 10, immediate: true }, {}] })
    expect(await answered({ kind: 'emitted-all' })).toMatchObject({ state: 'finished' })
    expect(await answered({ kind: 'settled' })).toMatchObject({ closed: true })
  })

  it('raises the changes for a wish, not for what is so already, and not for the owner’s answers', async () => {
    await store.activate(entryOf('a'), T0)
    await requested({ kind: 'pause' })
    expect(await changes()).toBe(2)
    await requested({ kind: 'pause' })
    await answered({ kind: 'stopped', firstSkipped: 0 })
    await requested({ kind: 'pause' })
    expect(await changes()).toBe(2)
    expect((await other.entriesChangedSince(bucket, 2)).entries).toEqual([])
  })

  it('refuses what the state does not allow and changes nothing', async () => {
    expect(await store.request('a', { kind: 'pause' })).toEqual({ ok: false, error: { kind: 'not-found' } })
    expect(await store.answer(mine, 'a', { kind: 'refunded' })).toEqual({ ok: false, error: { kind: 'not-found' } })
    const entry = await store.activate(entryOf('a'), T0)
    expect(await store.answer(mine, 'a', { kind: 'refunded' })).toEqual({
      ok: false,
      error: { kind: 'wrong-state', entry },
    })
    expect(await store.answer(mine, 'a', { kind: 'settled' })).toMatchObject({ error: { kind: 'wrong-state' } })
    const finished = await answered({ kind: 'emitted-all' })
    expect(await store.request('a', { kind: 'cancel' })).toEqual({
      ok: false,
      error: { kind: 'wrong-state', entry: finished },
    })
    expect(await changes()).toBe(1)
    expect(await other.find('a')).toEqual(finished)
  })

  it('refuses the answers of an owner who has lost the bucket, and those about another bucket', async () => {
    await store.activate(entryOf('a'), T0)
    await hold(other, bucket, 'next')
    const stale = await store.answer(mine, 'a', { kind: 'emitted-all' })
    expect(stale).toEqual({ ok: false, error: { kind: 'epoch-conflict', epoch: 2 } })
    const elsewhere = await hold(store, (bucket + 1) % 1024)
    expect(await store.answer(elsewhere, 'a', { kind: 'emitted-all' })).toMatchObject({ ok: false })
    expect(await other.find('a')).toEqual(entryOf('a'))
  })

  it('counts every one of many wishes that come at once', async () => {
    await store.activate(entryOf('a'), T0)
    const wishes = await Promise.all(
      numbers(10).map((index) => (index % 2 ? store : other).request('a', { kind: 'run-now' })),
    )
    expect(wishes.every((wish) => wish.ok)).toBe(true)
    expect(await store.find('a')).toMatchObject({ runNow: 10 })
    expect(await changes()).toBe(11)
  })

  it('keeps everything of an entry', async () => {
    const order = orderOf('a', { name: 'ß “”\n🐌', schedule: { kind: 'once', startAt: T0 + 5 }, repetitions: 1 })
    const entry = { ...entryOf('a'), order }
    await store.activate(entry, T0)
    expect(await other.entries(bucket)).toEqual({ changes: 1, entries: [entry] })
  })
}
