import type { AccountId } from '@quarry/domain'
import type { CassandraEngine } from './cassandra-engine.ts'
import { LedgerAccount } from './cassandra-ledger-account.ts'
import type { Step } from './cassandra-ledger-round.ts'
import type { LedgerRow } from './cassandra-ledger-rows.ts'
import { Turns } from './cassandra-ledger-turns.ts'

/** Accounts kept in mind: their last version saves a read. */
const MOST_REMEMBERED = 20_000

/**
 * Rounds under way at once. A round of one step costs nearly as much as one of a hundred, so when there is much to do it
 * is better that accounts wait and gather steps.
 */
const ROUNDS_AT_ONCE = 16

/** A step and the account in whose partition to do it. */
export interface Task {
  readonly account: AccountId
  readonly step: Step
}

/** The accounts that this process writes to. */
export class LedgerAccounts {
  readonly #engine: CassandraEngine
  readonly #turns = new Turns(ROUNDS_AT_ONCE)
  readonly #accounts = new Map<AccountId, LedgerAccount>()

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  /**
   * Does the tasks of each account in order and those of different accounts side by side; gives for each the row of its
   * transfer. Waits for all accounts before it throws what the first one threw.
   */
  async run(tasks: readonly Task[]): Promise<readonly (LedgerRow | undefined)[]> {
    const byAccount = Map.groupBy(tasks.keys(), (index) => tasks[index]!.account)
    const rows = new Array<LedgerRow | undefined>(tasks.length)
    const answers = await Promise.allSettled(
      Array.from(byAccount, async ([account, indexes]) => {
        const answered = await this.#of(account).submit(indexes.map((index) => tasks[index]!.step))
        indexes.forEach((index, at) => (rows[index] = answered[at]))
      }),
    )
    const failure = answers.find((answer) => answer.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    return rows
  }

  /** Notes that a transfer is at its end, whose id its home took in this round. */
  finished(home: AccountId, round: number, id: string): void {
    this.#accounts.get(home)?.finished(round, id)
  }

  /** Takes what this process finished off the sweeper's list. */
  async sealEnded(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map((account) => account.sealEnded()))
  }

  #of(id: AccountId): LedgerAccount {
    const known = this.#accounts.get(id)
    if (known !== undefined) return known
    if (this.#accounts.size >= MOST_REMEMBERED) this.#forgetIdle()
    const account = new LedgerAccount(this.#engine, id, this.#turns)
    this.#accounts.set(id, account)
    return account
  }

  #forgetIdle(): void {
    for (const [id, account] of this.#accounts) if (account.idle) this.#accounts.delete(id)
  }
}
