import { BUCKET_COUNT, bucketOf, newEntry } from '@quarry/domain'
import type { BucketHold, ScheduleStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { numbers, orderOf, T0 } from './sample-data.ts'
import type { StoreBench } from './store-bench.ts'

export const entryOf = (orderId: string) => newEntry(orderOf(orderId))

/** Takes a bucket over from whoever has it. */
export async function hold(store: ScheduleStore, bucket: number, owner = 'owner'): Promise<BucketHold> {
  const claimed = await store.claim(bucket, (await store.bucket(bucket)).epoch, owner)
  if (!claimed.ok) throw new Error('Somebody else was faster')
  return { bucket, epoch: claimed.value.epoch }
}

export function bucketTests(bench: () => StoreBench<ScheduleStore>): void {
  let store: ScheduleStore
  beforeEach(async () => {
    store = await bench().connect()
  })

  it('begins with nothing', async () => {
    expect(await store.bucket(7)).toEqual({ bucket: 7, epoch: 0, watermark: 0, horizon: 0, changes: 0 })
    expect(await store.entries(7)).toEqual({ changes: 0, entries: [] })
    expect(await store.entriesChangedSince(7, 0)).toEqual({ changes: 0, entries: [] })
  })

  it('raises the epoch with each claim and keeps the rest', async () => {
    const first = await store.claim(7, 0, 'a')
    expect(first).toEqual({
      ok: true,
      value: { bucket: 7, epoch: 1, owner: 'a', watermark: 0, horizon: 0, changes: 0 },
    })
    await store.extend({ bucket: 7, epoch: 1 }, T0 + 9)
    await store.advance({ bucket: 7, epoch: 1 }, T0, 0)
    const second = await store.claim(7, 1, 'b')
    expect(second).toEqual({
      ok: true,
      value: { bucket: 7, epoch: 2, owner: 'b', watermark: T0, horizon: T0 + 9, changes: 0 },
    })
    expect(await (await bench().connect()).bucket(7)).toEqual(second.ok && second.value)
    expect(await store.bucket(8)).toMatchObject({ epoch: 0 })
  })

  it.each([0, 2, 3])('refuses a claim that expects epoch %d of 1', async (expected) => {
    await store.claim(7, 0, 'a')
    expect(await store.claim(7, expected, 'b')).toEqual({ ok: false, error: { kind: 'epoch-conflict', epoch: 1 } })
    expect(await store.bucket(7)).toMatchObject({ epoch: 1, owner: 'a' })
  })

  it('gives a bucket to one of many claimers', async () => {
    const clients = await Promise.all(numbers(4).map(() => bench().connect()))
    for (const epoch of [0, 1]) {
      const claims = await Promise.all(
        numbers(12).map((index) => clients[index % 4]!.claim(7, epoch, `scheduler${index}`)),
      )
      const winners = claims.filter((claim) => claim.ok)
      expect(winners).toHaveLength(1)
      expect(await store.bucket(7)).toEqual(winners[0]!.value)
      expect(winners[0]!.value.epoch).toBe(epoch + 1)
    }
  })

  it('lets all buckets be claimed at once', async () => {
    const claims = await Promise.all(numbers(BUCKET_COUNT).map((bucket) => store.claim(bucket, 0, 'a')))
    expect(claims.every((claim) => claim.ok)).toBe(true)
  })

  it('moves the watermark forward only', async () => {
    const mine = await hold(store, 7)
    expect(await store.advance(mine, T0, 0)).toMatchObject({ ok: true })
    expect(await store.advance(mine, T0 - 5, 0)).toMatchObject({ ok: true })
    expect((await store.bucket(7)).watermark).toBe(T0)
    expect(await store.advance(mine, T0, 0)).toMatchObject({ ok: true })
    expect(await store.advance(mine, T0 + 5, 0)).toMatchObject({ ok: true })
    expect((await store.bucket(7)).watermark).toBe(T0 + 5)
  })

  it('moves the horizon forward only, whatever changed meanwhile', async () => {
    const mine = await hold(store, bucketOf('a'))
    await store.activate(entryOf('a'), T0)
    for (const [to, stands] of [
      [T0, T0],
      [T0 - 5, T0],
      [T0, T0],
      [T0 + 5, T0 + 5],
    ] as const) {
      expect(await store.extend(mine, to)).toEqual({ ok: true, value: undefined })
      expect(await store.bucket(mine.bucket)).toMatchObject({ horizon: stands, watermark: 0, changes: 1 })
    }
  })

  it('fixes the horizon for whoever claims the bucket: its last owner extends it no more', async () => {
    const old = await hold(store, 7, 'old')
    await store.extend(old, T0)
    const claimed = await store.claim(7, old.epoch, 'new')
    expect(claimed).toMatchObject({ ok: true, value: { horizon: T0 } })
    const conflict = { ok: false, error: { kind: 'epoch-conflict', epoch: 2 } }
    for (const to of [T0 + 5, T0, T0 - 5]) expect(await store.extend(old, to)).toEqual(conflict)
    expect(await store.bucket(7)).toMatchObject({ horizon: T0 })
  })

  it('never lets a horizon slip past a claim that races with it', async () => {
    const other = await bench().connect()
    for (const bucket of numbers(15)) {
      const old = await hold(store, bucket, 'old')
      const [extended, claimed] = await Promise.all([store.extend(old, T0), other.claim(bucket, old.epoch, 'new')])
      expect(claimed).toMatchObject({ ok: true, value: { horizon: extended.ok ? T0 : 0 } })
      expect(await store.bucket(bucket)).toMatchObject({ horizon: extended.ok ? T0 : 0 })
    }
  })

  it('refuses the watermark of an owner who has lost the bucket, whatever else is wrong', async () => {
    const old = await hold(store, bucketOf('a'), 'old')
    await hold(store, bucketOf('a'), 'new')
    await store.activate(entryOf('a'), T0)
    expect(await store.advance(old, T0, 0)).toEqual({ ok: false, error: { kind: 'epoch-conflict', epoch: 2 } })
    expect(await store.advance({ ...old, epoch: 3 }, T0, 1)).toMatchObject({ error: { kind: 'epoch-conflict' } })
    expect((await store.bucket(old.bucket)).watermark).toBe(0)
  })

  it('refuses a watermark while there are unseen changes', async () => {
    const mine = await hold(store, bucketOf('a'))
    await store.activate(entryOf('a'), T0)
    const refused = await store.advance(mine, T0, 0)
    expect(refused).toEqual({ ok: false, error: { kind: 'unseen-changes', changes: 1 } })
    expect((await store.bucket(mine.bucket)).watermark).toBe(0)
    const { changes } = await store.entriesChangedSince(mine.bucket, 0)
    expect(await store.advance(mine, T0, changes)).toMatchObject({ ok: true })
  })

  it('never lets an activation slip below a watermark that races with it', async () => {
    const other = await bench().connect()
    for (const index of numbers(15)) {
      const orderId = `race${index}`
      const mine = await hold(store, bucketOf(orderId))
      const seen = (await store.bucket(mine.bucket)).changes
      const firstDue = orderOf(orderId).schedule.startAt
      const [advanced, entry] = await Promise.all([
        store.advance(mine, firstDue, seen),
        other.activate(entryOf(orderId), T0),
      ])
      if (advanced.ok) expect(entry.segments[0]!.baseAt).toBe(firstDue + 1)
      else expect(advanced.error.kind).toBe('unseen-changes')
    }
  })
}
