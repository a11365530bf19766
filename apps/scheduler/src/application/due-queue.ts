import { dueAt, nextDue, planOf, type Due, type Instant, type ScheduleEntry } from '@quarry/domain'
import type { OwnedBucket } from './owned-bucket.ts'

/** An order as its bucket's owner sees it: which repetition comes next, and when (`Infinity`: none does). */
export interface WatchedOrder {
  readonly bucket: OwnedBucket
  entry: ScheduleEntry
  /** Every repetition below it was emitted, or given up. */
  nextRep: number
  nextDueAt: Instant
  /** Repetitions from `nextRep` to below this may have been emitted: nobody lived to confirm it. */
  maybeEmitted: number
  /** Place in the heap; -1 while it is not in it. */
  heapIndex: number
}

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

/** A binary heap of orders by their next due time; each knows its place, so that it can move or leave in O(log n). */
export class DueQueue {
  readonly #heap: WatchedOrder[] = []

  get size(): number {
    return this.#heap.length
  }

  /** When the earliest repetition is due. */
  get nextDueAt(): Instant {
    return this.#heap[0]?.nextDueAt ?? Infinity
  }

  /** Puts an order in, or to its new place; one that nothing is due of leaves. */
  place(watched: WatchedOrder): void {
    if (watched.nextDueAt === Infinity) return this.remove(watched)
    if (watched.heapIndex < 0) {
      watched.heapIndex = this.#heap.length
      this.#heap.push(watched)
    }
    this.#sink(this.#rise(watched.heapIndex))
  }

  remove(watched: WatchedOrder): void {
    const at = watched.heapIndex
    if (at < 0) return
    watched.heapIndex = -1
    const last = this.#heap.pop()
    if (last === undefined || last === watched) return
    this.#put(last, at)
    this.#sink(this.#rise(at))
  }

  /** Takes out the orders due at or before `now`, earliest first, at most `limit`. */
  takeDue(now: Instant, limit: number): WatchedOrder[] {
    const due: WatchedOrder[] = []
    while (due.length < limit && this.nextDueAt <= now) {
      const first = this.#heap[0]!
      this.remove(first)
      due.push(first)
    }
    return due
  }

  #put(watched: WatchedOrder, at: number): void {
    this.#heap[at] = watched
    watched.heapIndex = at
  }

  #rise(from: number): number {
    const moving = this.#heap[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#heap[parent]!.nextDueAt <= moving.nextDueAt) break
      this.#put(this.#heap[parent]!, at)
      at = parent
    }
    this.#put(moving, at)
    return at
  }

  #sink(from: number): void {
    const moving = this.#heap[from]!
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#heap.length) break
      const right = left + 1
      const child =
        right < this.#heap.length && this.#heap[right]!.nextDueAt < this.#heap[left]!.nextDueAt ? right : left
      if (this.#heap[child]!.nextDueAt >= moving.nextDueAt) break
      this.#put(this.#heap[child]!, at)
      at = child
    }
    this.#put(moving, at)
  }
}
