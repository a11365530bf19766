import type { Random } from '@quarry/domain'

const FIRST_MS = 200
const LONGEST_MS = 10_000

/** Delays between attempts: 0.2 s, doubling up to 10 s, each shortened by chance by up to a half. */
export class Backoff {
  readonly #random: Random
  #failures = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The delay before the next attempt; a server's wish is honoured as a least one. */
  nextMs(atLeastMs = 0): number {
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures++, 10))
    return Math.round(Math.max(atLeastMs, full * (0.5 + this.#random.next() / 2)))
  }

  /** The connection held: the next failure counts as the first. */
  reset(): void {
    this.#failures = 0
  }
}
