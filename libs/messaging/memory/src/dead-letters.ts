import type { Instant } from '@quarry/domain'

/** A message that no consumer would take, and why. */
export interface DeadLetter<T> {
  readonly message: T
  /** In English, with the consumer's last error. */
  readonly reason: string
  readonly deliveries: number
  readonly at: Instant
}

/** Counts every dead letter and keeps the newest `maxKept` for an operator's eyes. */
export class DeadLetters<T> {
  readonly #maxKept: number
  #kept: DeadLetter<T>[] = []
  #count = 0

  constructor(maxKept: number) {
    this.#maxKept = maxKept
  }

  get count(): number {
    return this.#count
  }

  get kept(): readonly DeadLetter<T>[] {
    return this.#kept
  }

  add(letter: DeadLetter<T>): void {
    this.#count += 1
    this.#kept = [...this.#kept, letter].slice(-this.#maxKept)
  }
}
