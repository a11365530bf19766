import { ESCROW_ACCOUNTS, type AccountId, type Instant } from '@quarry/domain'
import type { CassandraEngine } from './cassandra-engine.ts'
import type { LedgerAccounts } from './cassandra-ledger-accounts.ts'
import { LedgerFlow, type FlowContext } from './cassandra-ledger-flow.ts'
import { isFinal } from './cassandra-ledger-round.ts'
import { readAccount, readRows, numberKey, type Long } from './cassandra-ledger-rows.ts'

/** Homes looked at side by side. */
const HOMES_AT_ONCE = 16
/** Open rounds read of one home at once. */
const MOST_ROUNDS = 100

/** A home's round of which not every transfer is final. */
interface OpenRound {
  readonly key: string
  readonly ids: readonly string[]
  /** When it was opened, by the clock of Cassandra. */
  readonly openedAt: Instant
}

/** Every account that may be the home of an id, and so has open rounds. */
const homes: readonly AccountId[] = Array.from({ length: ESCROW_ACCOUNTS }, (_, index) => `escrow:${index}` as const)

/** Brings to their end the transfers that a dead caller left behind. Any number may sweep at once. */
export class LedgerSweeper {
  readonly #engine: CassandraEngine
  readonly #accounts: LedgerAccounts
  readonly #context: FlowContext
  /** For each home, up to where no round is open any more: closed rounds are tombstones, slow to read over and over. */
  readonly #cleanBefore = new Map<AccountId, string>()

  constructor(context: FlowContext) {
    this.#engine = context.engine
    this.#accounts = context.accounts
    this.#context = context
  }

  /** Finishes rounds opened before `before`, `limit` transfers or a few more; returns how many it brought to their end. */
  async sweep(before: Instant, limit: number): Promise<number> {
    await this.#accounts.sealEnded()
    let finished = 0
    for (let start = 0; start < homes.length && finished < limit; start += HOMES_AT_ONCE) {
      const some = homes.slice(start, start + HOMES_AT_ONCE)
      const counts = await Promise.all(some.map((home) => this.#sweepHome(home, before, limit - finished)))
      finished += counts.reduce((sum, count) => sum + count, 0)
    }
    return finished
  }

  async #sweepHome(home: AccountId, before: Instant, limit: number): Promise<number> {
    let finished = 0
    for (const round of await this.#openRounds(home)) {
      if (round.openedAt >= before || finished >= limit) break
      const rows = await readRows(this.#engine, { account: home, ids: round.ids }, 'final')
      const left = rows.filter((row) => !isFinal(row))
      if (left.length > 0) await new LedgerFlow(this.#context).resume(left)
      await this.#accounts.run([{ account: home, step: { do: 'seal', round: Number(round.key) } }])
      finished += left.length
    }
    return finished
  }

  async #openRounds(home: AccountId): Promise<readonly OpenRound[]> {
    const { version } = await readAccount(this.#engine, home, 'plain')
    if (version === undefined) return []
    const rows = await this.#engine.read<{ id: string; ids: string[]; written: Long }>(
      `SELECT id, ids, writetime(ids) AS written FROM ledger_account WHERE account = ? AND part = 0 AND id >= ? LIMIT ?`,
      home,
      this.#cleanBefore.get(home) ?? '',
      MOST_ROUNDS,
    )
    // Rounds open in order, so one that opens from now on is later than the version that was read first.
    this.#cleanBefore.set(home, rows[0]?.id ?? numberKey(version + 1))
    return rows.map(({ id, ids, written }) => ({ key: id, ids, openedAt: written.toNumber() / 1000 }))
  }
}
