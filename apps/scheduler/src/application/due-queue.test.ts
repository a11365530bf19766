import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newEntry } from '@quarry/domain'
import { anOrder } from '@quarry/testkit'
import { DueQueue, type WatchedOrder } from './due-queue.ts'
import type { OwnedBucket } from './owned-bucket.ts'

const bucket: OwnedBucket = {
  bucket: 0,
  hold: { bucket: 0, epoch: 1 },
  orders: new Map(),
  watermark: 0,
  seenChanges: 0,
  emitted: false,
  givingUp: 0,
  lost: false,
}

function watched(nextDueAt: number): WatchedOrder {
  return { bucket, entry: newEntry(anOrder()), nextRep: 0, nextDueAt, maybeEmitted: 0, heapIndex: -1 }
}

const dueTime = fc.oneof(fc.nat(50), fc.constant(Infinity))

test('orders come out by due time, however they were put in, moved and removed', () => {
  fc.assert(
    fc.property(
      fc.array(dueTime, { maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(59), fc.option(dueTime))),
      fc.nat(60),
      (times, moves, now) => {
        const queue = new DueQueue()
        const orders = times.map(watched)
        for (const order of orders) queue.place(order)
        const removed = new Set<WatchedOrder>()
        for (const [index, at] of moves) {
          const order = orders[index]
          if (!order) continue
          if (at === null) {
            queue.remove(order)
            removed.add(order)
            continue
          }
          order.nextDueAt = at
          queue.place(order)
          removed.delete(order)
        }
        const inside = orders.filter((order) => !removed.has(order) && order.nextDueAt < Infinity)
        const byTime = inside.map(({ nextDueAt }) => nextDueAt).sort((a, b) => a - b)
        expect(queue.size).toBe(inside.length)
        expect(queue.nextDueAt).toBe(byTime[0] ?? Infinity)
        const due = queue.takeDue(now, Infinity)
        expect(due.map(({ nextDueAt }) => nextDueAt)).toEqual(byTime.filter((at) => at <= now))
        expect(due.every(({ heapIndex }) => heapIndex === -1)).toBe(true)
        expect(queue.takeDue(1000, Infinity).map(({ nextDueAt }) => nextDueAt)).toEqual(byTime.filter((at) => at > now))
      },
    ),
  )
})

test('no more are taken than asked for', () => {
  const queue = new DueQueue()
  for (const at of [5, 3, 4, 1]) queue.place(watched(at))
  expect(queue.takeDue(4, 2).map(({ nextDueAt }) => nextDueAt)).toEqual([1, 3])
  expect(queue.size).toBe(2)
})
