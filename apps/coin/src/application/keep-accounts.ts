import type { CoinService, JournalLine, OrderCoinsView, PageView } from '@quarry/contracts'
import {
  userAccount,
  type Day,
  type Flow,
  type OrderId,
  type Transfer,
  type TransferKind,
  type TransferOutcome,
  type UserId,
} from '@quarry/domain'
import type { JournalEntry, LedgerStore } from '@quarry/storage-port'

/** The coin service on the ledger. */
export class KeepAccounts implements CoinService {
  readonly #ledger: LedgerStore

  constructor(ledger: LedgerStore) {
    this.#ledger = ledger
  }

  apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    return this.#ledger.apply(transfers)
  }

  async balance(userId: UserId): Promise<{ availableCoins: number; heldCoins: number }> {
    const { postedCoins, heldCoins } = await this.#ledger.balance(userAccount(userId))
    return { availableCoins: postedCoins - heldCoins, heldCoins }
  }

  flows(userId: UserId, days: { from: Day; to: Day }): Promise<readonly Flow[]> {
    return this.#ledger.flows(userAccount(userId), days)
  }

  async journal(
    userId: UserId,
    page: { after?: string; limit: number; kind?: TransferKind },
  ): Promise<PageView<JournalLine>> {
    const { items, next } = await this.#ledger.journal(userAccount(userId), page)
    return { items: items.map(toLine), ...(next !== undefined && { next }) }
  }

  orderCoins(orderIds: readonly OrderId[]): Promise<readonly OrderCoinsView[]> {
    return Promise.all(orderIds.map((orderId) => this.#ledger.orderCoins(orderId)))
  }
}

function toLine({ transfer, amountCoins }: JournalEntry): JournalLine {
  const { id, kind, orderId, at } = transfer
  return { transferId: id, kind, amountCoins, at, ...(orderId !== undefined && { orderId }) }
}
