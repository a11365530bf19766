/** How a heap orders its items and where each item remembers its place: -1 while it is not in the heap. */
export interface HeapOrder<T> {
  comesBefore(a: T, b: T): boolean
  positionOf(item: T): number
  setPosition(item: T, position: number): void
}

/** A binary heap whose items know their place, so that any of them can leave or move in O(log n). */
export class IndexedHeap<T> {
  readonly #items: T[] = []
  readonly #order: HeapOrder<T>

  constructor(order: HeapOrder<T>) {
    this.#order = order
  }

  get size(): number {
    return this.#items.length
  }

  first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#order.positionOf(item) >= 0
  }

  /** Adds the item, or moves it after its key has changed. */
  place(item: T): void {
    const position = this.#order.positionOf(item)
    if (position < 0) {
      this.#items.push(item)
      this.#rise(item, this.#items.length - 1)
    } else {
      this.#rise(item, position)
      this.#sink(item, this.#order.positionOf(item))
    }
  }

  /** Takes the item out; does nothing when it is not in. */
  remove(item: T): void {
    const position = this.#order.positionOf(item)
    if (position < 0) return
    this.#order.setPosition(item, -1)
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#rise(last, position)
    this.#sink(last, this.#order.positionOf(last))
  }

  #rise(item: T, from: number): void {
    let position = from
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = this.#items[above] as T
      if (!this.#order.comesBefore(item, parent)) break
      this.#put(parent, position)
      position = above
    }
    this.#put(item, position)
  }

  #sink(item: T, from: number): void {
    const size = this.#items.length
    let position = from
    for (;;) {
      let below = 2 * position + 1
      if (below >= size) break
      let child = this.#items[below] as T
      const sibling = this.#items[below + 1]
      if (sibling !== undefined && this.#order.comesBefore(sibling, child)) {
        below += 1
        child = sibling
      }
      if (!this.#order.comesBefore(child, item)) break
      this.#put(child, position)
      position = below
    }
    this.#put(item, position)
  }

  #put(item: T, position: number): void {
    this.#items[position] = item
    this.#order.setPosition(item, position)
  }
}
