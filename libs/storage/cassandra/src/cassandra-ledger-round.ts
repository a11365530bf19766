import { mayOverdraw, type AccountId, type Transfer } from '@quarry/domain'
import type { Statement } from './cassandra-engine.ts'
import {
  closeRound,
  homeOf,
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
  | { readonly do: 'claim'; readonly transfer: Transfer; readonly maker: string; readonly seen?: LedgerRow }
  /** At the debit: takes the coins, or refuses for ever; takes the id as well when the debit is its home. */
  | { readonly do: 'debit'; readonly transfer: Transfer; readonly maker: string; readonly seen?: LedgerRow }
  /** At the credit, after the debit: gives the coins. */
  | { readonly do: 'credit'; readonly transfer: Transfer; readonly seen?: LedgerRow }
  /** At home, after all the rest: makes what became of the transfer final. */
  | { readonly do: 'close'; readonly transfer: Transfer; readonly seen: LedgerRow; readonly refusedWithCoins?: number }
  /** At home: takes a round of which every transfer is final off the sweeper's list. */
  | { readonly do: 'seal'; readonly round: number }

/** For each unfinished round that this process opened, its transfers that are not final yet. */
export type OpenRounds = ReadonlyMap<number, ReadonlySet<string>>

/** What an account's next conditional batch would do. */
export interface RoundPlan {
  readonly statements: readonly Statement[]
  readonly after: AccountState
  /** For each step, the row of its transfer as it stands afterwards. */
  readonly rows: readonly (LedgerRow | undefined)[]
  /** The transfers that this round takes on. */
  readonly opened: readonly string[]
  /** For each round, its transfers that are final now. */
  readonly closed: ReadonlyMap<number, ReadonlySet<string>>
  /** Rounds that are off the sweeper's list now. */
  readonly sealed: ReadonlySet<number>
}

/**
 * Plans one round of an account: `steps` one after the other on the balance `before` and on the rows `known`; an id that
 * is not known counts as new. The batch is refused when a single assumption is wrong.
 */
export function planRound(
  account: AccountId,
  before: AccountState,
  steps: readonly Step[],
  context: { readonly known: ReadonlyMap<string, LedgerRow>; readonly open: OpenRounds },
): RoundPlan {
  const planner = new RoundPlanner(account, before, context.known)
  const rows = steps.map((step) => planner.plan(step))
  return planner.finish(rows, context.open)
}

class RoundPlanner {
  readonly #account: AccountId
  readonly #before: AccountState
  readonly #known: ReadonlyMap<string, LedgerRow>
  readonly #round: number
  readonly #statements: Statement[] = []
  readonly #opened: string[] = []
  readonly #closed = new Map<number, Set<string>>()
  readonly #sealed = new Set<number>()
  #postedCoins: number
  #nextSeq: number

  constructor(account: AccountId, before: AccountState, known: ReadonlyMap<string, LedgerRow>) {
    this.#account = account
    this.#before = before
    this.#known = known
    this.#round = (before.version ?? 0) + 1
    this.#postedCoins = before.postedCoins
    this.#nextSeq = before.nextSeq
  }

  plan(step: Step): LedgerRow | undefined {
    if (step.do === 'seal') {
      this.#sealed.add(step.round)
      return undefined
    }
    const known = this.#known.get(step.transfer.id)
    if (step.do === 'claim')
      return known ?? this.#open({ transfer: step.transfer, state: 'claimed', maker: step.maker })
    if (step.do === 'debit') return known ?? this.#debit(step.transfer, step.maker)
    if (step.do === 'credit') return this.#credit(step.transfer, known)
    return this.#close(step, known)
  }

  finish(rows: readonly (LedgerRow | undefined)[], open: OpenRounds): RoundPlan {
    for (const [round, ids] of this.#closed) {
      const left = open.get(round)
      if (left !== undefined && [...left].every((id) => ids.has(id))) this.#sealed.add(round)
    }
    for (const round of this.#sealed) this.#statements.push(closeRound(this.#account, round))
    if (this.#opened.length > 0) this.#statements.push(openRound(this.#account, this.#round, this.#opened))
    const after = { version: this.#round, postedCoins: this.#postedCoins, nextSeq: this.#nextSeq }
    const writes = this.#statements.length > 0
    if (writes) this.#statements.unshift(updateAccount(this.#account, this.#before.version, after))
    return {
      statements: this.#statements,
      after: writes ? after : this.#before,
      rows,
      opened: this.#opened,
      closed: this.#closed,
      sealed: this.#sealed,
    }
  }

  #debit(transfer: Transfer, maker: string): LedgerRow {
    const atHome = homeOf(transfer.id) === this.#account
    if (this.#postedCoins < transfer.amountCoins && !mayOverdraw(this.#account)) {
      return this.#insert({ transfer, state: 'refused', availableCoins: this.#postedCoins, maker })
    }
    this.#postedCoins -= transfer.amountCoins
    const row = { transfer, seq: this.#nextSeq++, maker }
    return atHome ? this.#open({ ...row, state: 'moving' }) : this.#insert({ ...row, state: 'posted' })
  }

  #credit(transfer: Transfer, known: LedgerRow | undefined): LedgerRow {
    if (known !== undefined && known.state !== 'claimed') return known
    this.#postedCoins += transfer.amountCoins
    const seq = this.#nextSeq++
    if (known === undefined) return this.#insert({ transfer, state: 'posted', seq })
    return this.#update(known, { ...known, state: 'credited', seq })
  }

  #close(step: Step & { do: 'close' }, known: LedgerRow | undefined): LedgerRow {
    if (known === undefined) throw new Error(`Transfer ${step.transfer.id} was never taken by ${this.#account}`)
    if (known.round !== undefined) this.#noteClosed(known.round, known.transfer.id)
    if (isFinal(known)) return known
    const { refusedWithCoins } = step
    return this.#update(known, {
      ...known,
      ...(refusedWithCoins === undefined
        ? { state: 'posted' }
        : { state: 'refused', availableCoins: refusedWithCoins }),
    })
  }

  #noteClosed(round: number, id: string): void {
    const ids = this.#closed.get(round)
    if (ids === undefined) this.#closed.set(round, new Set([id]))
    else ids.add(id)
  }

  #open(row: LedgerRow): LedgerRow {
    this.#opened.push(row.transfer.id)
    return this.#insert({ ...row, round: this.#round })
  }

  #insert(row: LedgerRow): LedgerRow {
    this.#statements.push(insertRow(this.#account, row))
    return row
  }

  #update(seen: LedgerRow, row: LedgerRow): LedgerRow {
    this.#statements.push(updateRow(this.#account, seen.state, row))
    return row
  }
}

/** Whether a home's row says what became of its transfer for good. */
export function isFinal({ state }: LedgerRow): boolean {
  return state === 'posted' || state === 'refused'
}
