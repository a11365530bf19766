import type { Instant } from '@quarry/domain'

const NOWHERE = 0xff_ff_ff_ff
const LEAST_SLOTS = 1024

/**
 * A binary heap of slots (small numbers, reused) by due time. Each slot's place in it is known, so that it can leave in
 * O(log n). 16 bytes a slot, in arrays that grow by a quarter.
 */
export class DueHeap {
  #dueAt = new Float64Array(LEAST_SLOTS)
  /** The place of each slot in `#heap`, or `NOWHERE`. */
  #place = new Uint32Array(LEAST_SLOTS).fill(NOWHERE)
  #heap = new Uint32Array(LEAST_SLOTS)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The slot that is due first; only while there are any. */
  get first(): number {
    return this.#heap[0]!
  }

  get nextDueAt(): Instant {
    return this.#size === 0 ? Infinity : this.#dueAt[this.first]!
  }

  dueAt(slot: number): Instant {
    return this.#dueAt[slot]!
  }

  /** Puts in a slot that is not in it. */
  add(slot: number, dueAt: Instant): void {
    this.#makeRoom(slot)
    this.#dueAt[slot] = dueAt
    this.#put(slot, this.#size++)
    this.#rise(this.#size - 1)
  }

  remove(slot: number): void {
    const at = this.#place[slot]!
    this.#place[slot] = NOWHERE
    const last = this.#heap[--this.#size]!
    if (last === slot) return
    this.#put(last, at)
    this.#sink(this.#rise(at))
  }

  #makeRoom(slot: number): void {
    if (slot < this.#dueAt.length) return
    const room = Math.ceil((slot + 1) * 1.25)
    const [dueAt, place, heap] = [new Float64Array(room), new Uint32Array(room).fill(NOWHERE), new Uint32Array(room)]
    dueAt.set(this.#dueAt)
    place.set(this.#place)
    heap.set(this.#heap)
    this.#dueAt = dueAt
    this.#place = place
    this.#heap = heap
  }

  #put(slot: number, at: number): void {
    this.#heap[at] = slot
    this.#place[slot] = at
  }

  #dueOf(at: number): Instant {
    return this.#dueAt[this.#heap[at]!]!
  }

  #rise(from: number): number {
    const moving = this.#heap[from]!
    const movingDueAt = this.#dueAt[moving]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#dueOf(parent) <= movingDueAt) break
      this.#put(this.#heap[parent]!, at)
      at = parent
    }
    this.#put(moving, at)
    return at
  }

  #sink(from: number): void {
    const moving = this.#heap[from]!
    const movingDueAt = this.#dueAt[moving]!
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#size) break
      const right = left + 1
      const child = right < this.#size && this.#dueOf(right) < this.#dueOf(left) ? right : left
      if (this.#dueOf(child) >= movingDueAt) break
      this.#put(this.#heap[child]!, at)
      at = child
    }
    this.#put(moving, at)
  }
}
