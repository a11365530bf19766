import { dueAt, nextDue, planOf, type OrderId, type Plan, type ScheduleEntry } from '@quarry/domain'
import type { EmitJobs, GiveUpReason, OrderDue } from './emit-jobs.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import type { WatchedOrder } from './watched-order.ts'

/** Failure records in one call to the bus. */
const BATCH = 500

/** Repetitions from `from` to below `to`, as the entry was when they were given up. */
interface Range {
  from: number
  to: number
  readonly entry: ScheduleEntry
  readonly reason: GiveUpReason
}

interface Waiting {
  readonly bucket: OwnedBucket
  readonly orderId: OrderId
  readonly ranges: Range[]
}

/**
 * Repetitions that are to be settled without an attempt, until the results stream has confirmed their failures. They are
 * published beside the scheduler's steps: a bus that takes its time holds up no job. Kept as ranges, since a long downtime
 * makes many of them. They survive no crash and need not: the watermark of a bucket that has some stays where it is, and
 * what has no run row is found by the next owner.
 */
export class GiveUps {
  readonly #emit: EmitJobs
  readonly #waiting = new Map<OwnedBucket, Map<OrderId, Waiting>>()

  constructor(emit: EmitJobs) {
    this.#emit = emit
  }

  get waiting(): boolean {
    return this.#waiting.size > 0
  }

  /** Takes note of repetitions to give up; `reps` ascend. */
  add(watched: WatchedOrder, reps: readonly number[], reason: GiveUpReason): void {
    if (reps.length === 0) return
    const ranges = this.#of(watched)
    for (const rep of reps) {
      const last = ranges.at(-1)
      if (last?.to === rep && last.reason === reason && last.entry === watched.entry) last.to++
      else ranges.push({ from: rep, to: rep + 1, entry: watched.entry, reason })
    }
  }

  /** Whether this repetition of the order waits to be given up, or any does. */
  has({ entry, bucket }: WatchedOrder, rep?: number): boolean {
    const waiting = this.#waiting.get(bucket)?.get(entry.order.id)
    if (!waiting) return false
    return rep === undefined || waiting.ranges.some(({ from, to }) => rep >= from && rep < to)
  }

  /** Somebody else owns the bucket now, and finds out by itself. */
  forget(bucket: OwnedBucket): void {
    this.#waiting.delete(bucket)
    bucket.givingUp = 0
  }

  /** Publishes some of them. Throws what the bus throws; then they wait on. */
  async publish(): Promise<void> {
    const batch = this.#nextBatch()
    await this.#emit.giveUp(batch.flatMap(({ dues }) => dues))
    for (const { waiting, range, dues } of batch) {
      range.from += dues.length
      if (range.from >= range.to) waiting.ranges.splice(waiting.ranges.indexOf(range), 1)
      if (waiting.ranges.length === 0) this.#done(waiting)
    }
  }

  #of(watched: WatchedOrder): Range[] {
    const { bucket, entry } = watched
    const orderId = entry.order.id
    const ofBucket = this.#waiting.get(bucket) ?? new Map<OrderId, Waiting>()
    this.#waiting.set(bucket, ofBucket)
    const known = ofBucket.get(orderId)
    if (known) return known.ranges
    const ranges: Range[] = []
    ofBucket.set(orderId, { bucket, orderId, ranges })
    bucket.givingUp++
    return ranges
  }

  #done(waiting: Waiting): void {
    const { bucket, orderId } = waiting
    const ofBucket = this.#waiting.get(bucket)
    if (ofBucket?.get(orderId) !== waiting) return
    ofBucket.delete(orderId)
    if (ofBucket.size === 0) this.#waiting.delete(bucket)
    bucket.givingUp--
  }

  *#all(): Iterable<Waiting> {
    for (const ofBucket of this.#waiting.values()) yield* ofBucket.values()
  }

  #nextBatch() {
    const batch = []
    let room = BATCH
    for (const waiting of this.#all()) {
      for (const range of waiting.ranges) {
        if (room === 0) return batch
        const dues = duesOf(range, room)
        batch.push({ waiting, range, dues })
        room -= dues.length
      }
    }
    return batch
  }
}

function duesOf({ from, to, entry, reason }: Range, limit: number): (OrderDue & { reason: GiveUpReason })[] {
  const plan: Plan = planOf(entry)
  const dues = []
  const end = Math.min(to, from + limit)
  let at = dueAt(plan, from)
  for (let rep = from; rep < end; rep++) {
    dues.push({ order: entry.order, rep, dueAt: at, reason })
    at = nextDue(plan, rep, at) ?? Infinity
  }
  return dues
}
