import { dueAt, nextDue, planOf, type Due, type Instant, type OrderId } from '@quarry/domain'
import { DueHeap } from './due-heap.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import { PackedOrders } from './packed-orders.ts'
import type { WatchedOrder } from './watched-order.ts'

/** Some repetitions that come next, and where the order stands once they are emitted. */
export interface NextDues {
  readonly dues: readonly Due[]
  readonly next: Due
}

/** The repetitions from `nextRep` on for which `wanted` holds, at most `limit`; moves nothing. */
export function duesWhile(watched: WatchedOrder, wanted: (due: Due) => boolean, limit: number): NextDues {
  const plan = planOf(watched.entry)
  const dues: Due[] = []
  let next: Due = { rep: watched.nextRep, dueAt: watched.nextDueAt }
  if (next.dueAt === Infinity && next.rep < plan.repetitions) next = { rep: next.rep, dueAt: dueAt(plan, next.rep) }
  while (dues.length < limit && next.rep < plan.repetitions && next.dueAt < Infinity && wanted(next)) {
    dues.push(next)
    next = { rep: next.rep + 1, dueAt: nextDue(plan, next.rep, next.dueAt) ?? Infinity }
  }
  return { dues, next }
}

/** Moves on to `next`, once everything before it was emitted or given up. */
export function moveOn(watched: WatchedOrder, next: Due): void {
  watched.nextRep = next.rep
  watched.nextDueAt = next.dueAt
}

/**
 * Orders by their next due time. A million are active at once, so whatever is in here is packed, some 160 bytes an order,
 * and is not among its bucket's `awake`; taken out, it is an object again and among them. The object that was put in no
 * longer counts.
 */
export class DueQueue {
  readonly #heap = new DueHeap()
  readonly #packed = new PackedOrders<OwnedBucket>()

  get size(): number {
    return this.#heap.size
  }

  /** When the earliest repetition is due. */
  get nextDueAt(): Instant {
    return this.#heap.nextDueAt
  }

  /** Puts in an order that is awake, unless nothing is due of it; does nothing with one that is in here already. */
  place(watched: WatchedOrder): void {
    const { bucket, nextDueAt, ...order } = watched
    const { id } = watched.entry.order
    if (nextDueAt === Infinity || bucket.awake.get(id) !== watched) return
    this.#heap.add(this.#packed.add(bucket, order), nextDueAt)
    bucket.awake.delete(id)
  }

  /** Takes out the orders due at or before `now`, earliest first, at most `limit`. */
  takeDue(now: Instant, limit: number): WatchedOrder[] {
    const due: WatchedOrder[] = []
    while (due.length < limit && this.nextDueAt <= now) due.push(this.#take(this.#heap.first))
    return due
  }

  /** The order, awake; undefined when it is not known at all. */
  wake(bucket: OwnedBucket, orderId: OrderId): WatchedOrder | undefined {
    const awake = bucket.awake.get(orderId)
    if (awake) return awake
    const slot = this.#packed.find(bucket, orderId)
    return slot === undefined ? undefined : this.#take(slot)
  }

  /** Copies of the bucket's orders in here, to look at. */
  copiesOf(bucket: OwnedBucket): WatchedOrder[] {
    return this.#packed
      .slotsOf(bucket)
      .map((slot) => ({ ...this.#packed.read(slot), bucket, nextDueAt: this.#heap.dueAt(slot) }))
  }

  /** Takes out all orders of the bucket. */
  drop(bucket: OwnedBucket): void {
    for (const slot of this.#packed.slotsOf(bucket)) {
      this.#heap.remove(slot)
      this.#packed.take(slot)
    }
  }

  #take(slot: number): WatchedOrder {
    const bucket = this.#packed.groupOf(slot)
    const watched = { bucket, nextDueAt: this.#heap.dueAt(slot), ...this.#packed.take(slot) }
    this.#heap.remove(slot)
    bucket.awake.set(watched.entry.order.id, watched)
    return watched
  }
}
