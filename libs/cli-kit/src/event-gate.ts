import type { CancelTimer, Clock } from '@quarry/domain'

const PER_SECOND = 20

/**
 * Lets single events pass while there are few: up to 20 in a second. The rest is only counted; at the end of a second
 * that had too many, `summarise` is called once with how many were held back.
 */
export class EventGate {
  readonly #clock: Clock
  readonly #summarise: (heldBack: number) => void
  #passed = 0
  #heldBack = 0
  #cancel: CancelTimer | undefined

  constructor(clock: Clock, summarise: (heldBack: number) => void) {
    this.#clock = clock
    this.#summarise = summarise
  }

  /** Whether this event may be shown by itself. */
  pass(): boolean {
    this.#cancel ??= this.#clock.after(1000, () => this.flush())
    if (this.#passed < PER_SECOND) {
      this.#passed++
      return true
    }
    this.#heldBack++
    return false
  }

  /** Ends the second now; to be called once more in the end. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const heldBack = this.#heldBack
    this.#passed = 0
    this.#heldBack = 0
    if (heldBack > 0) this.#summarise(heldBack)
  }
}
