import type { Clock } from '@quarry/domain'
import type { LedgerStore } from '@quarry/storage-port'

/** Transfers finished in one go; more of them wait for the next. */
const MOST_AT_ONCE = 1_000

/** Brings to their end the transfers that a coin service left halfway when it died. Repeating it changes nothing. */
export class SweepLedger {
  readonly #ledger: LedgerStore
  readonly #clock: Clock
  readonly #ageMs: number

  /** A younger transfer than `ageMs` is left to whoever began it. */
  constructor(ledger: LedgerStore, clock: Clock, ageMs: number) {
    this.#ledger = ledger
    this.#clock = clock
    this.#ageMs = ageMs
  }

  /** Returns how many it finished. */
  run(): Promise<number> {
    return this.#ledger.sweep(this.#clock.now() - this.#ageMs, MOST_AT_ONCE)
  }
}
