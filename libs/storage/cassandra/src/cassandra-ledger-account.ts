import type { AccountId } from '@quarry/domain'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CassandraEngine } from './cassandra-engine.ts'
import { planRound, type RoundPlan, type Step } from './cassandra-ledger-round.ts'
import type { Turns } from './cassandra-ledger-turns.ts'
import { readAccount, readRows, type AccountState, type LedgerRow, type ReadKind } from './cassandra-ledger-rows.ts'

/** Steps in one conditional batch at most. */
const ROUND_STEPS = 200
/** Tries of one round; with the waits between them, a matter of seconds on an account that everybody wants. */
const MOST_TRIES = 60
const FIRST_WAIT_MS = 2
const LONGEST_WAIT_MS = 100

/** Steps that came together and are answered together. */
interface Submission {
  readonly rows: (LedgerRow | undefined)[]
  unanswered: number
  resolve(): void
  reject(error: unknown): void
}

interface Waiting {
  readonly step: Step
  readonly index: number
  readonly submission: Submission
}

/**
 * The one writer of an account in this process: what is asked for while a round is under way goes together into the
 * next one. Other processes write as well; the account's version tells.
 */
export class LedgerAccount {
  readonly #engine: CassandraEngine
  readonly #account: AccountId
  readonly #turns: Turns
  /** What the account was after the last round; perhaps no longer true, and then the next round is refused. */
  #state: AccountState | undefined
  #waiting: Waiting[] = []
  #working = false
  /** Rounds opened here, each with its transfers that are not at their end yet. */
  readonly #open = new Map<number, Set<string>>()
  /** Rounds opened here whose transfers are all at their end; the next batch takes them off the sweeper's list. */
  readonly #ended = new Set<number>()

  constructor(engine: CassandraEngine, account: AccountId, turns: Turns) {
    this.#engine = engine
    this.#turns = turns
    this.#account = account
  }

  get idle(): boolean {
    return !this.#working && this.#open.size === 0 && this.#ended.size === 0
  }

  /**
   * Does the steps in order, together with what others ask for meanwhile, and gives for each the row of its transfer as
   * it stands afterwards. Throws `Unavailable` and `UnknownOutcome`; then any of the steps may have been done.
   */
  submit(steps: readonly Step[]): Promise<readonly (LedgerRow | undefined)[]> {
    if (steps.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const rows = new Array<LedgerRow | undefined>(steps.length)
      const submission = { rows, unanswered: steps.length, resolve: () => resolve(rows), reject }
      steps.forEach((step, index) => this.#waiting.push({ step, index, submission }))
      if (!this.#working) void this.#work()
    })
  }

  /** Notes that this transfer of a round, opened here or elsewhere, is at its end. */
  finished(round: number, id: string): void {
    const left = this.#open.get(round)
    if (left?.delete(id) !== true || left.size > 0) return
    this.#open.delete(round)
    this.#ended.add(round)
  }

  /** Takes the rounds that ended off the sweeper's list, where no later batch has done it. */
  async sealEnded(): Promise<void> {
    await this.submit(Array.from(this.#ended, (round) => ({ do: 'seal', round })))
  }

  async #work(): Promise<void> {
    this.#working = true
    // Whatever is asked for in this very moment comes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#turns.take(() => this.#answer(this.#take()))
    this.#working = false
  }

  /** The next round's steps: each id at most once, so that every step starts from what is stored. */
  #take(): readonly Waiting[] {
    const ids = new Set<string>()
    let count = 0
    for (const { step } of this.#waiting) {
      const id = step.do === 'seal' ? `round ${step.round}` : step.transfer.id
      if (count === ROUND_STEPS || ids.has(id)) break
      ids.add(id)
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #answer(taken: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.#round(taken.map(({ step }) => step))
      taken.forEach(({ submission, index }, at) => {
        submission.rows[index] = rows[at]
        if (--submission.unanswered === 0) submission.resolve()
      })
    } catch (error) {
      this.#state = undefined
      // Fault was found with the batch itself: the one step that causes it must not fail the others.
      if (taken.length > 1 && !(error instanceof Unavailable || error instanceof UnknownOutcome)) {
        const half = taken.length >> 1
        await this.#answer(taken.slice(0, half))
        await this.#answer(taken.slice(half))
        return
      }
      for (const { submission } of taken) submission.reject(error)
    }
  }

  async #round(steps: readonly Step[]): Promise<readonly (LedgerRow | undefined)[]> {
    let known: ReadonlyMap<string, LedgerRow> = rowsSeen(steps)
    let state = this.#state ?? (await readAccount(this.#engine, this.#account, 'plain'))
    let unknown: UnknownOutcome | undefined
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const plan = planRound({ account: this.#account, before: state, known, ended: this.#ended }, steps)
      const verdict = plan.statements.length === 0 ? 'applied' : await this.#decide(plan)
      if (verdict === 'applied') {
        this.#remember(plan)
        return plan.rows
      }
      if (verdict instanceof UnknownOutcome) unknown = verdict
      if (tries > 1) await sleep(Math.random() * Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS))
      ;[state, known] = await this.#look(steps, unknown === undefined ? 'plain' : 'final')
    }
    throw unknown ?? new Unavailable(`Too many clients write to ${this.#account}`)
  }

  /** A lost answer is no failure yet: reading tells what became of the round. */
  async #decide(plan: RoundPlan): Promise<'applied' | 'refused' | UnknownOutcome> {
    try {
      const { applied } = await this.#engine.decide(...plan.statements)
      return applied ? 'applied' : 'refused'
    } catch (error) {
      if (error instanceof UnknownOutcome) return error
      throw error
    }
  }

  /** The state is read first: a row that comes between the two reads moves the version on, and the round is refused. */
  async #look(steps: readonly Step[], kind: ReadKind): Promise<[AccountState, ReadonlyMap<string, LedgerRow>]> {
    const ids = steps.flatMap((step) => (step.do === 'seal' ? [] : [step.transfer.id]))
    const state = await readAccount(this.#engine, this.#account, kind)
    const rows = await readRows(this.#engine, { account: this.#account, ids }, kind)
    return [state, new Map(rows.map((row) => [row.transfer.id, row]))]
  }

  #remember({ after, opened, sealed }: RoundPlan): void {
    this.#state = after
    if (opened.length > 0 && after.version !== undefined) this.#open.set(after.version, new Set(opened))
    for (const round of sealed) {
      this.#open.delete(round)
      this.#ended.delete(round)
    }
  }
}

function rowsSeen(steps: readonly Step[]): ReadonlyMap<string, LedgerRow> {
  const rows = new Map<string, LedgerRow>()
  for (const step of steps) {
    if (step.do !== 'seal' && step.seen !== undefined) rows.set(step.transfer.id, step.seen)
  }
  return rows
}
