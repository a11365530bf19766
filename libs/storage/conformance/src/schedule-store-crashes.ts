import { bucketOf } from '@quarry/domain'
import { UnknownOutcome, type ScheduleStore } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { T0 } from './sample-data.ts'
import { entryOf, hold } from './schedule-store-buckets.ts'
import { surviveEveryCrash, type StoreBench } from './store-bench.ts'

export function scheduleCrashTests(bench: () => StoreBench<ScheduleStore>): void {
  it('shows an activated entry to its owner as one change, after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      act: (store, tag) => store.activate(entryOf(tag), T0),
      check: async (store, tag) => {
        const { changes, entries } = await store.entriesChangedSince(bucketOf(tag), 0)
        expect(entries.filter((entry) => entry.order.id === tag)).toEqual([entryOf(tag)])
        expect(changes).toBe(entries.length)
      },
    })
  })

  it('never hides a recorded wish from the owner, after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      prepare: (store, tag) => store.activate(entryOf(tag), T0),
      act: (store, tag) => store.request(tag, { kind: 'cancel' }),
      check: async (store, tag) => {
        const bucket = bucketOf(tag)
        const { changes } = await store.entries(bucket)
        expect(await store.find(tag)).toMatchObject({ state: 'cancelling' })
        const last = await store.entriesChangedSince(bucket, changes - 1)
        expect(last.entries.map((entry) => entry.order.id)).toEqual([tag])
      },
    })
  })

  it('has an owner’s whole story once when it is repeated after a death at any step', async () => {
    await surviveEveryCrash(bench(), {
      prepare: async (store, tag) => {
        await store.activate(entryOf(tag), T0)
        await store.request(tag, { kind: 'cancel' })
      },
      act: async (store, tag) => {
        const mine = await hold(store, bucketOf(tag), 'the owner')
        for (const answer of [
          { kind: 'stopped', firstSkipped: 2 },
          { kind: 'refunded' },
          { kind: 'settled' },
        ] as const) {
          expect(await store.answer(mine, tag, answer)).toMatchObject({ ok: true })
        }
        const { changes } = await store.bucket(mine.bucket)
        expect(await store.advance(mine, T0 + 1, changes)).toMatchObject({ ok: true })
      },
      check: async (store, tag) => {
        expect(await store.find(tag)).toMatchObject({ state: 'cancelled', firstSkipped: 2, closed: true })
        expect(await store.bucket(bucketOf(tag))).toMatchObject({ owner: 'the owner', watermark: T0 + 1 })
      },
    })
  })

  it('shows to a reader whose claim it was when the answer was lost', async () => {
    const store = await bench().connect()
    bench().crashes!.loseAnswer(store)
    await expect(store.claim(7, 0, 'me')).rejects.toThrow(UnknownOutcome)
    expect(await store.bucket(7)).toMatchObject({ epoch: 1, owner: 'me' })
    bench().crashes!.loseAnswer(store)
    await expect(store.advance({ bucket: 7, epoch: 1 }, T0, 0)).rejects.toThrow(UnknownOutcome)
    expect(await store.advance({ bucket: 7, epoch: 1 }, T0, 0)).toMatchObject({ ok: true })
    expect((await store.bucket(7)).watermark).toBe(T0)
    bench().crashes!.loseAnswer(store)
    await expect(store.extend({ bucket: 7, epoch: 1 }, T0)).rejects.toThrow(UnknownOutcome)
    expect(await store.extend({ bucket: 7, epoch: 1 }, T0)).toMatchObject({ ok: true })
    expect((await store.bucket(7)).horizon).toBe(T0)
  })

  it('activates once when the answer was lost', async () => {
    const store = await bench().connect()
    bench().crashes!.loseAnswer(store)
    await expect(store.activate(entryOf('a'), T0)).rejects.toThrow(UnknownOutcome)
    expect(await store.activate(entryOf('a'), T0 + 5)).toEqual(entryOf('a'))
    expect((await store.bucket(bucketOf('a'))).changes).toBe(1)
  })
}
