import type { Instant } from '@quarry/domain'
import type { SimProcess } from './sim-process.ts'

/** Something that will happen. `owner` is the process in which it happens; without one it happens to the world. */
export interface SimEvent {
  at: Instant
  order: number
  readonly owner: SimProcess | undefined
  /** Set by the owner for itself; everything else (messages, answers) is on its way to it. */
  readonly isTimer: boolean
  readonly action: () => void
  cancelled: boolean
}

/** Events by time, then in the order in which they were put in. */
export class EventQueue {
  #heap: SimEvent[] = []

  get size(): number {
    return this.#heap.length
  }

  push(event: SimEvent): void {
    this.#heap.push(event)
    this.#rise(this.#heap.length - 1)
  }

  pop(): SimEvent | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first
  }

  /** Every event that still stands, in no order. */
  standing(): readonly SimEvent[] {
    this.#heap = this.#heap.filter((event) => !event.cancelled && event.owner?.state !== 'dead')
    this.reorder()
    return this.#heap
  }

  /** After the times of some were changed. */
  reorder(): void {
    for (let index = (this.#heap.length >> 1) - 1; index >= 0; index--) this.#sink(index)
  }

  #rise(from: number): void {
    const moving = this.#heap[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!comesBefore(moving, this.#heap[parent]!)) break
      this.#heap[at] = this.#heap[parent]!
      at = parent
    }
    this.#heap[at] = moving
  }

  #sink(from: number): void {
    const moving = this.#heap[from]!
    let at = from
    for (;;) {
      const left = 2 * at + 1
      if (left >= this.#heap.length) break
      const right = left + 1
      const child = right < this.#heap.length && comesBefore(this.#heap[right]!, this.#heap[left]!) ? right : left
      if (!comesBefore(this.#heap[child]!, moving)) break
      this.#heap[at] = this.#heap[child]!
      at = child
    }
    this.#heap[at] = moving
  }
}

function comesBefore(a: SimEvent, b: SimEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
