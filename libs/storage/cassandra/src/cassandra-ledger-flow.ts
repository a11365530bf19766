import { sameTransfer, type AccountId, type Transfer, type TransferOutcome } from '@quarry/domain'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import type { LedgerAccounts, Task } from './cassandra-ledger-accounts.ts'
import type { LedgerJournal } from './cassandra-ledger-journal.ts'
import { homeOf, type LedgerRow } from './cassandra-ledger-rows.ts'

/** A transfer on its way from its home to its two accounts and back. */
interface Passage {
  readonly transfer: Transfer
  readonly home: AccountId
  /** The row at home, as last seen. */
  row?: LedgerRow | undefined
  debited?: LedgerRow
  credited?: LedgerRow
  outcome?: TransferOutcome
}

/** What a flow works with. */
export interface FlowContext {
  readonly accounts: LedgerAccounts
  readonly journal: LedgerJournal
  /** Different for each call: tells the rows of this one. */
  readonly maker: string
}

/**
 * Brings transfers to their end, whatever part of the way they, or others of the same ids, have come already:
 * 1. home: the id is taken for these parameters (with step 2, when home is the debit),
 * 2. debit: the coins leave, or the id is refused,
 * 3. credit: the coins arrive; nothing can refuse them,
 * 4. journal and order index,
 * 5. home: final.
 * Every step may be repeated by anybody. A transfer that has taken its id and not come to its end stands on its home's
 * list of open rounds, and the sweeper brings it there.
 */
export class LedgerFlow {
  readonly #accounts: LedgerAccounts
  readonly #journal: LedgerJournal
  readonly #call: string
  /** Different for each group, so that the second transfer of one id in a call finds the first. */
  #maker = ''
  #groups = 0
  #begun = false

  constructor({ accounts, journal, maker }: FlowContext) {
    this.#accounts = accounts
    this.#journal = journal
    this.#call = maker
  }

  /** Applies the transfers in order. Throws `Unavailable` when surely nothing was done, else `UnknownOutcome`. */
  async apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    const outcomes: TransferOutcome[] = []
    try {
      for (const group of groupsOf(transfers)) {
        outcomes.push(...(await this.#group(group.map((transfer) => ({ transfer, home: homeOf(transfer.id) })))))
        this.#begun = true
      }
    } catch (error) {
      throw error instanceof Unavailable && this.#begun ? new UnknownOutcome(error.message, { cause: error }) : error
    }
    return outcomes
  }

  /** Brings transfers that a dead caller left behind to their end, from their rows at home. */
  async resume(rows: readonly LedgerRow[]): Promise<void> {
    await this.#group(rows.map((row) => ({ transfer: row.transfer, home: homeOf(row.transfer.id), row })))
  }

  async #group(passages: readonly Passage[]): Promise<readonly TransferOutcome[]> {
    this.#maker = `${this.#call}.${this.#groups++}`
    await this.#claim(passages.filter(({ transfer, home }) => transfer.debit !== home))
    await this.#debit(passages.filter(isUnderWay))
    await this.#credit(passages.filter(isUnderWay))
    await this.#record(passages.filter(({ credited }) => credited !== undefined))
    await this.#close(passages.filter(({ debited }) => debited !== undefined))
    return passages.map(({ outcome }) => outcome!)
  }

  async #claim(passages: readonly Passage[]): Promise<void> {
    await this.#run(
      passages,
      ({ transfer, home, row }) => ({
        account: home,
        step: { do: 'claim', transfer, maker: this.#maker, ...(row !== undefined && { seen: row }) },
      }),
      (passage, row) => this.#seeHome(passage, row),
    )
  }

  async #debit(passages: readonly Passage[]): Promise<void> {
    await this.#run(
      passages,
      ({ transfer, home, row }) => ({
        account: transfer.debit,
        step: {
          do: 'debit',
          transfer,
          maker: this.#maker,
          ...(row !== undefined && home === transfer.debit && { seen: row }),
        },
      }),
      (passage, row) => {
        if (passage.home === passage.transfer.debit) this.#seeHome(passage, row)
        if (passage.outcome === undefined) passage.debited = row
      },
    )
  }

  async #credit(passages: readonly Passage[]): Promise<void> {
    await this.#run(
      passages.filter(({ debited }) => debited?.state !== 'refused'),
      ({ transfer, home, row }) => ({
        account: transfer.credit,
        step: { do: 'credit', transfer, ...(row !== undefined && home === transfer.credit && { seen: row }) },
      }),
      (passage, row) => {
        passage.credited = row
        if (passage.home === passage.transfer.credit) passage.row = row
      },
    )
  }

  async #record(passages: readonly Passage[]): Promise<void> {
    await this.#journal.record(
      passages.map(({ transfer, debited, credited }) => ({
        transfer,
        debitSeq: debited!.seq!,
        creditSeq: credited!.seq!,
      })),
    )
  }

  async #close(passages: readonly Passage[]): Promise<void> {
    await this.#run(
      passages,
      ({ transfer, home, row, debited }) => ({
        account: home,
        step: {
          do: 'close',
          transfer,
          seen: row!,
          ...(debited!.state === 'refused' && { refusedWithCoins: debited!.availableCoins! }),
        },
      }),
      (passage, row) => {
        passage.outcome =
          row.state === 'refused'
            ? { kind: 'insufficient', availableCoins: row.availableCoins! }
            : { kind: 'posted', repeated: row.maker !== this.#maker }
      },
    )
  }

  /** The home's row decides: whose the id is, and whether all is done already. */
  #seeHome(passage: Passage, row: LedgerRow): void {
    passage.row = row
    if (!sameTransfer(row.transfer, passage.transfer)) passage.outcome = { kind: 'mismatch' }
    else if (row.state === 'posted') passage.outcome = { kind: 'posted', repeated: row.maker !== this.#maker }
    else if (row.state === 'refused') {
      passage.outcome = { kind: 'insufficient', availableCoins: row.availableCoins! }
    }
  }

  async #run(
    passages: readonly Passage[],
    task: (passage: Passage) => Task,
    see: (passage: Passage, row: LedgerRow) => void,
  ): Promise<void> {
    if (passages.length === 0) return
    const tasks = passages.map(task)
    // Of several accounts, one may have written while another could not.
    if (new Set(tasks.map(({ account }) => account)).size > 1) this.#begun = true
    const rows = await this.#accounts.run(tasks)
    this.#begun = true
    passages.forEach((passage, index) => see(passage, rows[index]!))
  }
}

function isUnderWay({ outcome }: Passage): boolean {
  return outcome === undefined
}

/**
 * Runs of transfers whose debits may all be done before their credits: none takes coins from an account that an earlier
 * one of its run gives coins to, and no id comes twice.
 */
export function groupsOf(transfers: readonly Transfer[]): readonly (readonly Transfer[])[] {
  const groups: Transfer[][] = []
  let group: Transfer[] = []
  let taken = new Set<string>()
  for (const transfer of transfers) {
    if (group.length === 0 || taken.has(`id ${transfer.id}`) || taken.has(transfer.debit)) {
      groups.push((group = []))
      taken = new Set()
    }
    group.push(transfer)
    taken.add(transfer.credit).add(`id ${transfer.id}`)
  }
  return groups
}
