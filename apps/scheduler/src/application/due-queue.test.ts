import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newEntry } from '@quarry/domain'
import { anOrder } from '@quarry/testkit'
import { DueQueue } from './due-queue.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import type { WatchedOrder } from './watched-order.ts'

function newBucket(bucket: number): OwnedBucket {
  return {
    bucket,
    hold: { bucket, epoch: 1 },
    awake: new Map(),
    watermark: 0,
    horizon: 0,
    inheritedHorizon: 0,
    seenChanges: 0,
    emitted: false,
    givingUp: 0,
    lost: false,
  }
}

function put(queue: DueQueue, bucket: OwnedBucket, { id, nextDueAt }: { id: string; nextDueAt: number }): void {
  const watched: WatchedOrder = {
    bucket,
    entry: newEntry(anOrder({ id, name: `named ${id}`.repeat((nextDueAt % 7) + 1) })),
    nextRep: 3,
    nextDueAt,
    maybeEmitted: 4,
  }
  bucket.awake.set(id, watched)
  queue.place(watched)
}

const dueTime = fc.oneof(fc.nat(50), fc.constant(Infinity))
const id = fc.nat(30).map((n) => `order-${n}`)
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), id, in: fc.nat(2), at: dueTime }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wake' as const), id, in: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), now: fc.nat(50), limit: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), in: fc.nat(2) }) },
)

test('it knows what a plain map knows, however orders are put in, woken, taken and dropped', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
      const queue = new DueQueue()
      const buckets = [0, 1, 2].map(newBucket)
      const model = new Map<string, { bucket: OwnedBucket; id: string; at: number }>()
      const keyOf = (bucket: OwnedBucket, id: string) => `${bucket.bucket} ${id}`
      for (const one of actions) {
        if (one.do === 'put') {
          const bucket = buckets[one.in]!
          const key = keyOf(bucket, one.id)
          queue.wake(bucket, one.id)
          put(queue, bucket, { id: one.id, nextDueAt: one.at })
          model.delete(key)
          if (one.at < Infinity) model.set(key, { bucket, id: one.id, at: one.at })
        } else if (one.do === 'wake') {
          const bucket = buckets[one.in]!
          const known = model.get(keyOf(bucket, one.id))
          const awake = bucket.awake.get(one.id)
          const woken = queue.wake(bucket, one.id)
          expect(woken?.nextDueAt).toBe(known?.at ?? awake?.nextDueAt)
          if (woken) expect(bucket.awake.get(one.id)).toBe(woken)
          model.delete(keyOf(bucket, one.id))
        } else if (one.do === 'take') {
          const due = [...model.values()].filter(({ at }) => at <= one.now).sort((a, b) => a.at - b.at)
          const taken = queue.takeDue(one.now, one.limit)
          expect(taken.map(({ nextDueAt }) => nextDueAt)).toEqual(due.slice(0, one.limit).map(({ at }) => at))
          for (const { bucket, entry, nextDueAt } of taken) {
            expect(model.get(keyOf(bucket, entry.order.id))?.at).toBe(nextDueAt)
            model.delete(keyOf(bucket, entry.order.id))
          }
        } else {
          const bucket = buckets[one.in]!
          queue.drop(bucket)
          bucket.awake.clear()
          for (const [key, known] of model) if (known.bucket === bucket) model.delete(key)
        }
        expect(queue.size).toBe(model.size)
        expect(queue.nextDueAt).toBe(Math.min(Infinity, ...[...model.values()].map(({ at }) => at)))
      }
      for (const bucket of buckets) {
        const copies = queue.copiesOf(bucket).map(({ entry, nextDueAt }) => `${entry.order.name} ${nextDueAt}`)
        const known = [...model.values()].filter((one) => one.bucket === bucket)
        expect(copies.sort()).toEqual(known.map(({ id, at }) => `${`named ${id}`.repeat((at % 7) + 1)} ${at}`).sort())
      }
    }),
    { numRuns: 400 },
  )
})

test('an order comes out as it was put in', () => {
  const queue = new DueQueue()
  const bucket = newBucket(7)
  put(queue, bucket, { id: 'one', nextDueAt: 5 })
  expect(bucket.awake.size).toBe(0)
  const [taken] = queue.takeDue(5, 10)
  expect(taken).toEqual({
    bucket,
    entry: newEntry(anOrder({ id: 'one', name: 'named one'.repeat(6) })),
    nextRep: 3,
    nextDueAt: 5,
    maybeEmitted: 4,
  })
})

test('what is in already is not put in twice', () => {
  const queue = new DueQueue()
  const bucket = newBucket(7)
  put(queue, bucket, { id: 'one', nextDueAt: 5 })
  const [taken] = queue.takeDue(5, 10)
  queue.place(taken!)
  queue.place(taken!)
  expect(queue.size).toBe(1)
})

test('more orders than it has room for at first', () => {
  const queue = new DueQueue()
  const bucket = newBucket(7)
  for (let n = 0; n < 5_000; n++) put(queue, bucket, { id: `order ${n}`, nextDueAt: (n * 7919) % 5_000 })
  expect(queue.takeDue(5_000, Infinity).map(({ nextDueAt }) => nextDueAt)).toEqual(
    Array.from({ length: 5_000 }, (_, n) => n),
  )
})
