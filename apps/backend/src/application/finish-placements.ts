import type { CancelTimer, Clock } from '@quarry/domain'
import type { PlaceOrder } from './place-order.ts'

const ROUND_MS = 5_000

/** Looks now and then for orders that a crash left half placed. */
export class FinishPlacements {
  readonly #placeOrder: PlaceOrder
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  #cancel: CancelTimer | undefined

  constructor(deps: { placeOrder: PlaceOrder; clock: Clock; onError: (error: unknown) => void }) {
    this.#placeOrder = deps.placeOrder
    this.#clock = deps.clock
    this.#onError = deps.onError
  }

  start(): void {
    this.#cancel = this.#clock.after(ROUND_MS, () => {
      this.#placeOrder
        .finishUnplaced()
        .catch(this.#onError)
        .finally(() => this.#cancel && this.start())
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
