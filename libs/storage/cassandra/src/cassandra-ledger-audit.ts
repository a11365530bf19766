import { mayOverdraw, sameTransfer, type AccountId, type OrderId } from '@quarry/domain'
import type { LedgerViolation } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { checkOrder } from './cassandra-ledger-order-audit.ts'
import { isFinal } from './cassandra-ledger-round.ts'
import {
  coinsIn,
  foundByName,
  homeOf,
  isOpenRound,
  readRows,
  pagesOfRows,
  type AccountState,
  type LedgerRow,
  type Long,
} from './cassandra-ledger-rows.ts'

const PAGE_ACCOUNTS = 500
/** Rows asked for by id at once. */
const LOOK_UP_ROWS = 200
const ACCOUNTS_AT_ONCE = 8

interface Account extends AccountState {
  readonly id: AccountId
}

interface Totals {
  coins: number
  versions: number
}

/**
 * Every promise of the ledger, account by account and page by page: its memory does not grow with the ledger. The ledger
 * may be at work meanwhile: what one account's state counts is told by the entries' numbers, and transfers under way are
 * known by their homes.
 */
export async function auditLedger(engine: CassandraEngine): Promise<readonly LedgerViolation[]> {
  const violations = new Map<string, LedgerViolation>()
  const report = (violation: LedgerViolation) =>
    violations.set(`${violation.invariant} ${violation.subject}`, violation)
  const totals: Totals = { coins: 0, versions: 0 }
  for await (const accounts of pagesOfAccounts(engine)) {
    await Promise.all(
      accounts.map(async (account) => {
        const transitCoins = await new AccountAudit(engine, account, report).run()
        totals.coins += account.postedCoins + transitCoins
        totals.versions += account.version ?? 0
      }),
    )
  }
  for await (const orderIds of pagesOfIndexedOrders(engine)) {
    await Promise.all(orderIds.map((orderId) => checkOrder(engine, orderId, report)))
  }
  // Accounts are read one after the other: while coins move, their sum means nothing, and each transfer was checked above.
  if (totals.coins !== 0 && totals.versions === (await versionsNow(engine))) {
    const detail = `they sum up to ${totals.coins} coins`
    report({ invariant: 'sum-is-zero', subject: 'all accounts', detail })
  }
  return [...violations.values()]
}

/** One account: its rows against its balance, and each row against the transfer's other rows. */
class AccountAudit {
  readonly #engine: CassandraEngine
  readonly #account: Account
  readonly #report: (violation: LedgerViolation) => void
  #transitCoins = 0

  constructor(engine: CassandraEngine, account: Account, report: (violation: LedgerViolation) => void) {
    this.#engine = engine
    this.#account = account
    this.#report = report
  }

  /** Returns the coins that left this account and have not arrived anywhere yet. */
  async run(): Promise<number> {
    const { id, postedCoins } = this.#account
    let sum = 0
    for await (const rows of pagesOfRows(this.#engine, id)) {
      const counted = rows.filter((row) => row.seq !== undefined && row.seq < this.#account.nextSeq)
      sum += counted.reduce((coins, row) => coins + coinsIn(id, row), 0)
      await this.#checkOtherRows(counted)
      await this.#checkOrders(rows)
    }
    if (sum !== postedCoins)
      this.#broken('rows-match-balance', id, `the balance is ${postedCoins} coins, its entries sum up to ${sum}`)
    if (postedCoins < 0 && !mayOverdraw(id)) this.#broken('no-overdraft', id, `the balance is ${postedCoins} coins`)
    return this.#transitCoins
  }

  async #checkOtherRows(rows: readonly LedgerRow[]): Promise<void> {
    const { id } = this.#account
    const [atOther, atHome] = [
      await this.#lookUp(rows, (row) => otherSide(id, row)),
      await this.#lookUp(rows, ({ transfer }) => homeOf(transfer.id)),
    ]
    for (const row of rows) {
      const { transfer } = row
      const [other, home] = [atOther.get(transfer.id), atHome.get(transfer.id)]
      if (home === undefined || !sameTransfer(home.transfer, transfer)) this.#unmatched(row)
      else if (other !== undefined && coinsIn(otherSide(id, row), other) !== 0) {
        if (!sameTransfer(other.transfer, transfer)) this.#unmatched(row)
      } else if (transfer.credit === id || (await this.#isOver(home, row))) this.#unmatched(row)
      else this.#transitCoins += transfer.amountCoins
    }
  }

  /** The transfers' rows in the accounts that `place` names. */
  async #lookUp(
    rows: readonly LedgerRow[],
    place: (row: LedgerRow) => AccountId,
  ): Promise<ReadonlyMap<string, LedgerRow>> {
    const found: LedgerRow[] = []
    await Promise.all(
      [...Map.groupBy(rows, place)].map(async ([account, all]) => {
        for (let start = 0; start < all.length; start += LOOK_UP_ROWS) {
          const ids = all.slice(start, start + LOOK_UP_ROWS).map(({ transfer }) => transfer.id)
          found.push(...(await readRows(this.#engine, { account, ids }, 'plain')))
        }
      }),
    )
    return new Map(found.map((row) => [row.transfer.id, row]))
  }

  /** Whether a debit that had no credit when it was looked for is no longer on the sweeper's list, and still has none. */
  async #isOver(home: LedgerRow, { transfer }: LedgerRow): Promise<boolean> {
    const open = home.round !== undefined && (await isOpenRound(this.#engine, homeOf(transfer.id), home.round))
    if (!isFinal(home) && open) return false
    return (await readRows(this.#engine, { account: transfer.credit, ids: [transfer.id] }, 'plain')).length === 0
  }

  async #checkOrders(rows: readonly LedgerRow[]): Promise<void> {
    const orders = new Set<OrderId>()
    for (const { transfer } of rows) {
      if (transfer.orderId !== undefined && homeOf(transfer.id) === this.#account.id && foundByName(transfer))
        orders.add(transfer.orderId)
    }
    for (const orderId of orders) await checkOrder(this.#engine, orderId, this.#report)
  }

  #unmatched({ transfer }: LedgerRow): void {
    this.#broken('rows-match-balance', transfer.id, 'the transfer and its entries do not match')
  }

  #broken(invariant: LedgerViolation['invariant'], subject: string, detail: string): void {
    this.#report({ invariant, subject, detail })
  }
}

function otherSide(account: AccountId, { transfer }: LedgerRow): AccountId {
  return transfer.debit === account ? transfer.credit : transfer.debit
}

async function versionsNow(engine: CassandraEngine): Promise<number> {
  let versions = 0
  for await (const accounts of pagesOfAccounts(engine)) {
    versions += accounts.reduce((sum, { version }) => sum + (version ?? 0), 0)
  }
  return versions
}

/** All accounts, in the order of their tokens, a handful at a time. */
async function* pagesOfAccounts(engine: CassandraEngine): AsyncGenerator<readonly Account[]> {
  interface Row {
    readonly account: AccountId
    readonly ver: Long | null
    readonly posted: Long | null
    readonly next_seq: Long | null
    readonly position: Long
  }
  const columns = 'account, ver, posted, next_seq, token(account) AS position'
  for await (const rows of tokenPages<Row>(engine, { columns, table: 'ledger_account', key: 'account' })) {
    const accounts = rows.map((row) => ({
      id: row.account,
      version: row.ver?.toNumber(),
      postedCoins: row.posted?.toNumber() ?? 0,
      nextSeq: row.next_seq?.toNumber() ?? 0,
    }))
    for (let start = 0; start < accounts.length; start += ACCOUNTS_AT_ONCE)
      yield accounts.slice(start, start + ACCOUNTS_AT_ONCE)
  }
}

async function* pagesOfIndexedOrders(engine: CassandraEngine): AsyncGenerator<readonly OrderId[]> {
  interface Row {
    readonly order_id: OrderId
    readonly position: Long
  }
  const columns = 'order_id, token(order_id) AS position'
  for await (const rows of tokenPages<Row>(engine, { columns, table: 'ledger_order', key: 'order_id' })) {
    yield rows.map((row) => row.order_id)
  }
}

async function* tokenPages<R extends { readonly position: Long }>(
  engine: CassandraEngine,
  { columns, table, key }: { columns: string; table: string; key: string },
): AsyncGenerator<readonly R[]> {
  let rows = await engine.read<R>(`SELECT DISTINCT ${columns} FROM ${table} LIMIT ?`, PAGE_ACCOUNTS)
  for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
    yield rows
    const query = `SELECT DISTINCT ${columns} FROM ${table} WHERE token(${key}) > ? LIMIT ?`
    rows = await engine.read<R>(query, last.position, PAGE_ACCOUNTS)
  }
}
