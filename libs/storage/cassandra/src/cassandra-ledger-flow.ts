import { sameTransfer, type AccountId, type Transfer, type TransferOutcome } from '@quarry/domain'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import type { LedgerAccounts, Task } from './cassandra-ledger-accounts.ts'
import { indexByOrder } from './cassandra-ledger-orders.ts'
import { homeOf, type LedgerRow } from './cassandra-ledger-rows.ts'

/** What a flow works with. */
export interface FlowContext {
  readonly engine: CassandraEngine
  readonly accounts: LedgerAccounts
  /** Different for each call: tells the rows of this one. */
  readonly maker: string
}

/** A transfer on its way from its home to its two accounts. */
interface Passage {
  readonly transfer: Transfer
  readonly home: AccountId
  /** The row at home, as last seen. */
  readonly atHome: LedgerRow | undefined
}

/** A transfer whose id is its own. */
interface Claimed extends Passage {
  readonly atHome: LedgerRow
}

interface Debited extends Claimed {
  readonly debited: LedgerRow
}

/**
 * Brings transfers to their end, whatever part of the way they, or others of the same ids, have come already:
 * 1. home: the id is taken for these parameters (with step 2, when home is the debit),
 * 2. debit: the coins leave, or the id is refused,
 * 3. credit: the coins arrive; nothing can refuse them,
 * 4. the order's index, where the names do not lead to it,
 * 5. home, unless it is the debit: final.
 * Every step may be repeated by anybody. A transfer that has taken its id and not come to its end stands on its home's
 * list of open rounds, and the sweeper brings it there.
 */
export class LedgerFlow {
  readonly #context: FlowContext
  /** Different for each group, so that the second transfer of one id in a call finds the first. */
  #maker = ''
  #groups = 0
  #begun = false
  #outcomes = new Map<string, TransferOutcome>()

  constructor(context: FlowContext) {
    this.#context = context
  }

  /** Applies the transfers in order. Throws `Unavailable` when surely nothing was done, else `UnknownOutcome`. */
  async apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    const outcomes: TransferOutcome[] = []
    try {
      for (const group of groupsOf(transfers)) outcomes.push(...(await this.#applyGroup(group)))
    } catch (error) {
      throw error instanceof Unavailable && this.#begun ? new UnknownOutcome(error.message, { cause: error }) : error
    }
    return outcomes
  }

  /** Brings transfers that a dead caller left behind to their end, from their rows at home. */
  async resume(rows: readonly LedgerRow[]): Promise<void> {
    await this.#bring(rows.map((atHome) => ({ transfer: atHome.transfer, home: homeOf(atHome.transfer.id), atHome })))
  }

  async #applyGroup(group: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    this.#maker = `${this.#context.maker}.${this.#groups++}`
    this.#outcomes = new Map()
    await this.#bring(group.map((transfer) => ({ transfer, home: homeOf(transfer.id), atHome: undefined })))
    return group.map(({ id }) => {
      const outcome = this.#outcomes.get(id)
      if (outcome === undefined) throw new Error(`Nothing became of transfer ${id}`)
      return outcome
    })
  }

  async #bring(passages: readonly Passage[]): Promise<void> {
    const claimed = await this.#claim(passages.filter(({ transfer, home }) => transfer.debit !== home))
    // In the order given: of several debits of one account, the later ones find fewer coins.
    const debited = await this.#debit(
      passages.flatMap((passage) => {
        if (passage.transfer.debit === passage.home) return [passage]
        return claimed.get(passage.transfer.id) ?? []
      }),
    )
    const credited = await this.#credit(debited.filter((passage) => passage.debited.state !== 'refused'))
    await indexByOrder(
      this.#context.engine,
      credited.map(({ transfer }) => transfer),
    )
    await this.#close([...debited.filter((passage) => passage.debited.state === 'refused'), ...credited])
  }

  async #claim(passages: readonly Passage[]): Promise<ReadonlyMap<string, Claimed>> {
    const rows = await this.#run(
      passages.map(({ transfer, home, atHome }) => ({
        account: home,
        step: { do: 'claim', transfer, maker: this.#maker, seen: atHome },
      })),
    )
    const claimed = passages.map((passage, index) => ({ ...passage, atHome: rows[index]! }))
    return new Map(claimed.filter((own) => this.#isUnderWay(own)).map((own) => [own.transfer.id, own]))
  }

  async #debit(passages: readonly Passage[]): Promise<readonly Debited[]> {
    const rows = await this.#run(
      passages.map(({ transfer, home, atHome }) => ({
        account: transfer.debit,
        step: { do: 'debit', transfer, maker: this.#maker, seen: home === transfer.debit ? atHome : undefined },
      })),
    )
    return passages
      .map((passage, index) => ({ ...passage, atHome: passage.atHome ?? rows[index]!, debited: rows[index]! }))
      .filter((passage) => passage.home !== passage.transfer.debit || this.#isUnderWay(passage))
  }

  async #credit(passages: readonly Debited[]): Promise<readonly Debited[]> {
    const rows = await this.#run(
      passages.map(({ transfer, home, atHome }) => ({
        account: transfer.credit,
        step: { do: 'credit', transfer, seen: home === transfer.credit ? atHome : undefined },
      })),
    )
    return passages.map((passage, index) => ({
      ...passage,
      atHome: passage.home === passage.transfer.credit ? rows[index]! : passage.atHome,
    }))
  }

  async #close(passages: readonly Debited[]): Promise<void> {
    const open = passages.filter(({ transfer, home }) => transfer.debit !== home)
    await this.#run(
      open.map(({ transfer, home, atHome, debited }) => ({
        account: home,
        step: {
          do: 'close',
          transfer,
          seen: atHome,
          ...(debited.state === 'refused' && { refusedWithCoins: debited.availableCoins ?? 0 }),
        },
      })),
    )
    for (const { transfer, home, atHome, debited } of passages) {
      if (atHome.round !== undefined) this.#context.accounts.finished(home, atHome.round, transfer.id)
      this.#outcomes.set(transfer.id, debited.state === 'refused' ? refusal(debited) : this.#posted(atHome))
    }
  }

  /** The home's row decides: whose the id is, and perhaps what became of it. */
  #isUnderWay({ transfer, atHome }: Claimed): boolean {
    const outcome = this.#decided(transfer, atHome)
    if (outcome !== undefined) this.#outcomes.set(transfer.id, outcome)
    return outcome === undefined
  }

  #decided(transfer: Transfer, atHome: LedgerRow): TransferOutcome | undefined {
    if (!sameTransfer(atHome.transfer, transfer)) return { kind: 'mismatch' }
    if (atHome.state === 'refused') return refusal(atHome)
    return atHome.state === 'posted' ? this.#posted(atHome) : undefined
  }

  #posted(atHome: LedgerRow): TransferOutcome {
    return { kind: 'posted', repeated: atHome.maker !== this.#maker }
  }

  /** Rows come for every task but `seal`. */
  async #run(tasks: readonly Task[]): Promise<readonly (LedgerRow | undefined)[]> {
    // Of several accounts, one may have written while another could not.
    if (new Set(tasks.map(({ account }) => account)).size > 1) this.#begun = true
    const rows = await this.#context.accounts.run(tasks)
    if (tasks.length > 0) this.#begun = true
    return rows
  }
}

function refusal(row: LedgerRow): TransferOutcome {
  return { kind: 'insufficient', availableCoins: row.availableCoins ?? 0 }
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
