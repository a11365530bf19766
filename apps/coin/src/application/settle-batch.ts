import type { SettlementMessage } from '@quarry/contracts'
import type { Transfer, TransferOutcome } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { LedgerStore } from '@quarry/storage-port'
import type { CountEarnings } from './count-earnings.ts'

/** A settlement that the ledger will never take: an invariant is broken, and a person has to look. */
export interface RefusedSettlement {
  readonly transfer: Transfer
  readonly outcome: TransferOutcome
}

/**
 * Applies a batch of settlements. Safe to repeat: the ledger knows each id. A crash before the ledger answered means
 * that the batch is delivered again; after it, that it is delivered again and changes nothing.
 */
export class SettleBatch {
  readonly #ledger: LedgerStore
  readonly #live: LiveEvents
  readonly #earnings: Pick<CountEarnings, 'note'>

  constructor(deps: { ledger: LedgerStore; live: LiveEvents; earnings: Pick<CountEarnings, 'note'> }) {
    this.#ledger = deps.ledger
    this.#live = deps.live
    this.#earnings = deps.earnings
  }

  async run(batch: readonly SettlementMessage[]): Promise<readonly RefusedSettlement[]> {
    const transfers = batch.map((message) => message.transfer)
    const outcomes = await this.#ledger.apply(transfers)
    const touched = new Set<string>()
    const refused: RefusedSettlement[] = []
    transfers.forEach((transfer, index) => {
      const outcome = outcomes[index]!
      if (outcome.kind !== 'posted') return void refused.push({ transfer, outcome })
      touched.add(transfer.credit)
      if (!outcome.repeated) this.#earnings.note(batch[index]!)
    })
    for (const account of touched) {
      if (account.startsWith('user:')) this.#live.publish(account as `user:${string}`, { kind: 'balance-changed' })
    }
    return refused
  }
}
