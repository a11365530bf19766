import type { SettlementMessage } from '@quarry/contracts'
import { newTraceparent, type Clock, type Instant, type Random } from '@quarry/domain'
import type { ResultBus } from '@quarry/messaging-port'
import { owedTransfers, type OwedTransfer, type OwingStores } from '@quarry/storage-port'
import { settlementMessageOf } from './settlement-message.ts'

/** How far a resettling has come. */
export interface Resettled {
  readonly runs: number
  readonly orders: number
  /** Not in the ledger: published, confirmed, and so on their way. */
  readonly published: number
  /** Refused by the ledger for good: publishing again changes nothing. */
  readonly refused: number
}

/**
 * Puts on its way again what is stored and not settled, because the bus lost it. It may run at any time, beside everything
 * and itself, and be broken off anywhere: each transfer's id follows from its run or order, so the ledger makes it once,
 * and what was still on its way is settled by whichever message comes first.
 */
export class Resettle {
  readonly #stores: OwingStores
  readonly #bus: Pick<ResultBus, 'settlements'> | undefined
  readonly #clock: Clock
  readonly #random: Random

  /** Without a bus it only says what it would publish. */
  constructor(deps: { stores: OwingStores; bus?: Pick<ResultBus, 'settlements'>; clock: Clock; random: Random }) {
    this.#stores = deps.stores
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /** One step a page, each with what was owed in it and the sums so far. Throws what the stores and the bus throw. */
  async *run(since?: Instant): AsyncGenerator<{ readonly owed: readonly OwedTransfer[]; readonly soFar: Resettled }> {
    let soFar: Resettled = { runs: 0, orders: 0, published: 0, refused: 0 }
    const part = { clock: this.#clock, ...(since !== undefined && { since }) }
    for await (const { what, looked, owed } of owedTransfers(this.#stores, part)) {
      const lost = owed.filter(({ standing }) => standing === 'unknown')
      if (lost.length > 0) await this.#bus?.settlements.publish(lost.map((one) => this.#messageOf(one)))
      soFar = {
        ...soFar,
        [what]: soFar[what] + looked,
        published: soFar.published + lost.length,
        refused: soFar.refused + owed.length - lost.length,
      }
      yield { owed, soFar }
    }
  }

  #messageOf({ transfer, settles }: OwedTransfer): SettlementMessage {
    if (settles !== undefined) return settlementMessageOf(settles.run)
    return { v: 1, transfer, traceparent: newTraceparent(this.#random) }
  }
}
