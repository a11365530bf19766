import { mayOverdraw, type AccountId, type Transfer } from '@quarry/domain'
import type { Statement } from './cassandra-engine.ts'
import {
  closeRound,
  homeOf,
  insertEntries,
  insertRow,
  openRound,
  updateAccount,
  updateRow,
  type AccountState,
  type LedgerRow,
} from './cassandra-ledger-rows.ts'

/** One thing to do in one account's partition. Doing it again changes nothing. */
export type Step =
  /** At home: takes the id for this transfer, unless it is taken. */
  | { readonly do: 'claim'; readonly transfer: Transfer; readonly maker: string; readonly seen: LedgerRow | undefined }
  /** At the debit: takes the coins, or refuses for ever; takes the id as well when the debit is its home. */
  | { readonly do: 'debit'; readonly transfer: Transfer; readonly maker: string; readonly seen: LedgerRow | undefined }
  /** At the credit, after the debit: gives the coins. */
  | { readonly do: 'credit'; readonly transfer: Transfer; readonly seen: LedgerRow | undefined }
  /** At a home that is not the debit, after all the rest: makes what became of the transfer final. */
  | { readonly do: 'close'; readonly transfer: Transfer; readonly seen: LedgerRow; readonly refusedWithCoins?: number }
  /** At home: takes a round of which every transfer is at its end off the sweeper's list. */
  | { readonly do: 'seal'; readonly round: number }

/** From what a round starts. */
export interface RoundStart {
  readonly account: AccountId
  readonly before: AccountState
  /** Rows that are there; an id that is not among them counts as new. */
  readonly known: ReadonlyMap<string, LedgerRow>
  /** Rounds to take off the sweeper's list, if there is anything to write at all. */
  readonly ended: ReadonlySet<number>
}

/** What an account's next conditional batch would do. */
export interface RoundPlan {
  /** Empty when there is nothing to write. */
  readonly statements: readonly Statement[]
  readonly after: AccountState
  /** For each step, the row of its transfer as it stands afterwards. */
  readonly rows: readonly (LedgerRow | undefined)[]
  /** The transfers that this round takes on, at their home. */
  readonly opened: readonly string[]
  /** Rounds that are off the sweeper's list then. */
  readonly sealed: readonly number[]
}

/** Plans the steps one after the other. The batch is refused when a single assumption of `start` is wrong. */
export function planRound(start: RoundStart, steps: readonly Step[]): RoundPlan {
  const planner = new RoundPlanner(start)
  return planner.finish(steps.map((step) => planner.plan(step)))
}

class RoundPlanner {
  readonly #start: RoundStart
  readonly #round: number
  readonly #statements: Statement[] = []
  readonly #opened: string[] = []
  readonly #sealed: number[] = []
  /** The transfers whose coins this round counts, in the order of their numbers. */
  readonly #entered: string[] = []
  #postedCoins: number

  constructor(start: RoundStart) {
    this.#start = start
    this.#round = (start.before.version ?? 0) + 1
    this.#postedCoins = start.before.postedCoins
  }

  plan(step: Step): LedgerRow | undefined {
    if (step.do === 'seal') return this.#seal(step.round)
    const known = this.#start.known.get(step.transfer.id)
    if (step.do === 'claim')
      return known ?? this.#open({ transfer: step.transfer, state: 'claimed', maker: step.maker })
    if (step.do === 'debit') return known ?? this.#debit(step.transfer, step.maker)
    if (step.do === 'credit') return this.#credit(step.transfer, known)
    return this.#close(step, known)
  }

  finish(rows: readonly (LedgerRow | undefined)[]): RoundPlan {
    const { account, before, ended } = this.#start
    if (this.#statements.length === 0) return { statements: [], after: before, rows, opened: [], sealed: [] }
    for (const round of ended) if (!this.#sealed.includes(round)) this.#seal(round)
    const { nextSeq } = before
    if (this.#entered.length > 0) this.#statements.push(insertEntries(account, nextSeq, this.#entered))
    if (this.#opened.length > 0) this.#statements.push(openRound(account, this.#round, this.#opened))
    const after = { version: this.#round, postedCoins: this.#postedCoins, nextSeq: nextSeq + this.#entered.length }
    const statements = [updateAccount(account, before.version, after), ...this.#statements]
    return { statements, after, rows, opened: this.#opened, sealed: this.#sealed }
  }

  #debit(transfer: Transfer, maker: string): LedgerRow {
    const { account } = this.#start
    if (this.#postedCoins < transfer.amountCoins && !mayOverdraw(account)) {
      return this.#insert({ transfer, state: 'refused', availableCoins: this.#postedCoins, maker })
    }
    this.#postedCoins -= transfer.amountCoins
    const row = { transfer, seq: this.#enter(transfer), maker }
    return homeOf(transfer.id) === account
      ? this.#open({ ...row, state: 'moving' })
      : this.#insert({ ...row, state: 'posted' })
  }

  #credit(transfer: Transfer, known: LedgerRow | undefined): LedgerRow {
    if (known !== undefined && known.state !== 'claimed') return known
    this.#postedCoins += transfer.amountCoins
    const seq = this.#enter(transfer)
    if (known === undefined) return this.#insert({ transfer, state: 'posted', seq })
    return this.#update(known, { ...known, state: 'credited', seq })
  }

  #close({ transfer, refusedWithCoins }: Step & { do: 'close' }, known: LedgerRow | undefined): LedgerRow {
    if (known === undefined) throw new Error(`Transfer ${transfer.id} was never taken by ${this.#start.account}`)
    if (isFinal(known)) return known
    return this.#update(known, {
      ...known,
      ...(refusedWithCoins === undefined
        ? { state: 'posted' }
        : { state: 'refused', availableCoins: refusedWithCoins }),
    })
  }

  #seal(round: number): undefined {
    this.#sealed.push(round)
    this.#statements.push(closeRound(this.#start.account, round))
  }

  #open(row: LedgerRow): LedgerRow {
    this.#opened.push(row.transfer.id)
    return this.#insert({ ...row, round: this.#round })
  }

  #insert(row: LedgerRow): LedgerRow {
    this.#statements.push(insertRow(this.#start.account, row))
    return row
  }

  #update(seen: LedgerRow, row: LedgerRow): LedgerRow {
    this.#statements.push(updateRow(this.#start.account, seen.state, row))
    return row
  }

  #enter({ id }: Transfer): number {
    return this.#start.before.nextSeq + this.#entered.push(id) - 1
  }
}

/** Whether a home's row by itself says what became of its transfer for good. */
export function isFinal({ state }: LedgerRow): boolean {
  return state === 'posted' || state === 'refused'
}
