import type { AccountId, Day, Flow, Instant, OrderId, Transfer, TransferKind, TransferOutcome } from '@quarry/domain'
import type {
  Balance,
  JournalEntry,
  LedgerStore,
  LedgerViolation,
  OrderCoins,
  Page,
  TransferStanding,
} from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'
import type { CassandraEngine } from './cassandra-engine.ts'
import { LedgerAccounts } from './cassandra-ledger-accounts.ts'
import { auditLedger } from './cassandra-ledger-audit.ts'
import { readFlows } from './cassandra-ledger-days.ts'
import { LedgerFlow, type FlowContext } from './cassandra-ledger-flow.ts'
import { readJournal } from './cassandra-ledger-journal.ts'
import { addMove, movesOfOrder, NO_COINS } from './cassandra-ledger-orders.ts'
import { readAccount } from './cassandra-ledger-rows.ts'
import { readStandings } from './cassandra-ledger-standings.ts'
import { LedgerSweeper } from './cassandra-ledger-sweeper.ts'

/**
 * One partition per account; whatever one call, or several at once, do to an account is one conditional batch. A
 * transfer's coins leave the debit only after its id was taken for these parameters at its home, and from then on nothing
 * can refuse them: so there is nothing to hold and to cancel, only to finish (`LedgerFlow`, `LedgerSweeper`). Finds out
 * itself what became of a write whose answer was lost, and throws `UnknownOutcome` only when it cannot.
 */
export class CassandraLedgerStore implements LedgerStore {
  readonly #engine: CassandraEngine
  readonly #accounts: LedgerAccounts
  readonly #sweeper: LedgerSweeper
  readonly #client = randomUUID().slice(0, 13)
  #calls = 0

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#accounts = new LedgerAccounts(engine)
    this.#sweeper = new LedgerSweeper(this.#flowContext())
  }

  async apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    for (const transfer of transfers) refuseNonsense(transfer)
    return new LedgerFlow(this.#flowContext()).apply(transfers)
  }

  standings(ids: readonly string[]): Promise<readonly TransferStanding[]> {
    return readStandings(this.#engine, ids)
  }

  async balance(account: AccountId): Promise<Balance> {
    const { postedCoins } = await readAccount(this.#engine, account, 'plain')
    return { postedCoins, heldCoins: 0 }
  }

  journal(
    account: AccountId,
    page: { after?: string; limit: number; kind?: TransferKind },
  ): Promise<Page<JournalEntry>> {
    return readJournal(this.#engine, account, page)
  }

  flows(account: AccountId, days: { from: Day; to: Day }): Promise<readonly Flow[]> {
    return readFlows(this.#engine, account, days)
  }

  async orderCoins(orderId: OrderId): Promise<OrderCoins> {
    let coins = NO_COINS
    for await (const move of movesOfOrder(this.#engine, orderId)) coins = addMove(coins, move)
    return coins
  }

  sweep(before: Instant, limit: number): Promise<number> {
    return this.#sweeper.sweep(before, limit)
  }

  audit(): Promise<readonly LedgerViolation[]> {
    return auditLedger(this.#engine)
  }

  #flowContext(): FlowContext {
    return { engine: this.#engine, accounts: this.#accounts, maker: `${this.#client}.${this.#calls++}` }
  }
}

function refuseNonsense(transfer: Transfer): void {
  if (!Number.isSafeInteger(transfer.amountCoins) || transfer.amountCoins < 1) {
    throw new RangeError(`Transfer ${transfer.id}: ${transfer.amountCoins} is no positive whole number of coins`)
  }
  if (transfer.debit === transfer.credit) {
    throw new RangeError(`Transfer ${transfer.id}: ${transfer.debit} stands on both sides`)
  }
}
