/** A wish for a turn. */
interface Wish {
  readonly granted: () => void
  state: 'waiting' | 'holding' | 'over'
}

/** Hands out a fixed number of turns, first come, first served. */
export class LargeBodies {
  #free: number
  readonly #waiting = new Set<Wish>()

  constructor(turns: number) {
    this.#free = turns
  }

  /** Calls `granted` as soon as there is a turn, at once if one is free. The answer gives the turn, or the wish, back. */
  request(granted: () => void): () => void {
    const wish: Wish = { granted, state: 'waiting' }
    if (this.#free > 0) {
      this.#free -= 1
      wish.state = 'holding'
      granted()
    } else {
      this.#waiting.add(wish)
    }
    return () => this.#giveBack(wish)
  }

  #giveBack(wish: Wish): void {
    this.#waiting.delete(wish)
    if (wish.state === 'holding') this.#passOn()
    wish.state = 'over'
  }

  #passOn(): void {
    const next = this.#waiting.values().next()
    if (next.done) {
      this.#free += 1
      return
    }
    const wish = next.value
    this.#waiting.delete(wish)
    wish.state = 'holding'
    // Turns are given back from within undici's parser, which cannot wake another connection's parser from there.
    setImmediate(() => {
      if (wish.state === 'holding') wish.granted()
    })
  }
}
