/** Hands out a fixed number of turns, first come, first served. */
export class LargeBodies {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(turns: number) {
    this.#free = turns
  }

  /** Calls `granted` as soon as there is a turn, at once if one is free. The answer gives the turn, or the wish, back. */
  request(granted: () => void): () => void {
    let state: 'waiting' | 'holding' | 'over' = 'waiting'
    const take = () => {
      state = 'holding'
      granted()
    }
    if (this.#free > 0) {
      this.#free -= 1
      take()
    } else {
      this.#waiting.add(take)
    }
    return () => {
      this.#waiting.delete(take)
      if (state === 'holding') this.#pass()
      state = 'over'
    }
  }

  #pass(): void {
    const next = this.#waiting.values().next()
    if (next.done) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next.value)
    next.value()
  }
}
