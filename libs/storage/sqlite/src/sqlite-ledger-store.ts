import {
  mayOverdraw,
  sameTransfer,
  type AccountId,
  type Day,
  type Flow,
  type OrderId,
  type Transfer,
  type TransferKind,
  type TransferOutcome,
} from '@quarry/domain'
import type {
  Balance,
  JournalEntry,
  LedgerStore,
  LedgerViolation,
  OrderCoins,
  Page,
  TransferStanding,
} from '@quarry/storage-port'
import { AccountDays } from './account-days.ts'
import { auditLedger } from './ledger-audit.ts'
import type { SqliteEngine } from './sqlite-engine.ts'

/** An account during one `apply`: read once, changed in memory, written once. */
interface OpenAccount {
  readonly no: number
  readonly before: number
  posted: number
}

interface TransferRow {
  readonly seq: number
  readonly id: string
  readonly kind: number
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amount: number
  readonly order_id: string | null
  readonly at: number
  readonly refused_available: number | null
}

type OrderDelta = { paidIn: number; paidOut: number; refunded: number }

/** The numbers under which kinds are stored; append only. */
const kinds: readonly TransferKind[] = ['mint', 'escrow', 'payment', 'refund', 'forfeit']

/** Columns of `TransferRow`; `t` is the transfer. */
const COLUMNS = `t.seq, t.id, t.kind, d.id AS debit, c.id AS credit, t.amount, t.order_id, t.at, t.refused_available`
const NAMED = `JOIN account d ON d.no = t.debit JOIN account c ON c.no = t.credit`
const SELECT_KNOWN = `SELECT ${COLUMNS} FROM transfer t ${NAMED} WHERE t.id = ?`

/** Double entry in one transaction per call: a transfer, its two journal rows, both balances and its order's sums. */
export class SqliteLedgerStore implements LedgerStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  async apply(transfers: readonly Transfer[]): Promise<readonly TransferOutcome[]> {
    for (const transfer of transfers) refuseNonsense(transfer)
    return this.#engine.write(() => new Posting(this.#engine).run(transfers))
  }

  standings(ids: readonly string[]): Promise<readonly TransferStanding[]> {
    return this.#engine.read((db) =>
      ids.map((id) => {
        const row = db
          .prepare<Pick<TransferRow, 'refused_available'>>('SELECT refused_available FROM transfer WHERE id = ?')
          .get(id)
        if (row === undefined) return 'unknown'
        return row.refused_available === null ? 'taken' : 'refused'
      }),
    )
  }

  balance(account: AccountId): Promise<Balance> {
    return this.#engine.read((db) => ({
      postedCoins: db.prepare<{ posted: number }>('SELECT posted FROM account WHERE id = ?').get(account)?.posted ?? 0,
      heldCoins: 0,
    }))
  }

  journal(
    account: AccountId,
    page: { after?: string; limit: number; kind?: TransferKind },
  ): Promise<Page<JournalEntry>> {
    return this.#engine.read((db) => {
      const rows = db
        .prepare<TransferRow & { readonly side: number }>(
          `SELECT ${COLUMNS}, j.amount AS side FROM account a JOIN journal j ON j.account = a.no
           JOIN transfer t ON t.seq = j.seq ${NAMED}
           WHERE a.id = ? AND j.seq < ? AND t.kind = coalesce(?, t.kind) ORDER BY j.seq DESC LIMIT ?`,
        )
        .all(account, seqOf(page.after), page.kind === undefined ? null : kinds.indexOf(page.kind), page.limit + 1)
      const shown = rows.slice(0, page.limit)
      const last = shown.at(-1)
      return {
        items: shown.map((row) => ({ transfer: transferOf(row), amountCoins: row.side })),
        ...(rows.length > page.limit && last !== undefined ? { next: String(last.seq) } : {}),
      }
    })
  }

  flows(account: AccountId, days: { from: Day; to: Day }): Promise<readonly Flow[]> {
    return this.#engine.read((db) =>
      db
        .prepare<{ day: number; kind: number; coins_in: number; coins_out: number }>(
          `SELECT d.day, d.kind, d.coins_in, d.coins_out FROM account a JOIN account_day d ON d.account = a.no
           WHERE a.id = ? AND d.day BETWEEN ? AND ? ORDER BY d.day, d.kind`,
        )
        .all(account, days.from, days.to)
        .map((row) => ({ day: row.day, kind: kinds[row.kind]!, inCoins: row.coins_in, outCoins: row.coins_out })),
    )
  }

  orderCoins(orderId: OrderId): Promise<OrderCoins> {
    return this.#engine.read((db) => {
      const row = db
        .prepare<{ paid_in: number; paid_out: number; refunded: number }>(
          'SELECT paid_in, paid_out, refunded FROM order_coins WHERE order_id = ?',
        )
        .get(orderId)
      return { paidInCoins: row?.paid_in ?? 0, paidOutCoins: row?.paid_out ?? 0, refundedCoins: row?.refunded ?? 0 }
    })
  }

  /** Nothing to do: a transaction does not stop halfway. */
  sweep(): Promise<number> {
    return Promise.resolve(0)
  }

  audit(): Promise<readonly LedgerViolation[]> {
    return this.#engine.snapshot(auditLedger)
  }
}

/** One `apply`, inside its transaction. */
class Posting {
  readonly #engine: SqliteEngine
  readonly #accounts = new Map<AccountId, OpenAccount>()
  readonly #orders = new Map<OrderId, OrderDelta>()
  readonly #days = new AccountDays()

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  run(transfers: readonly Transfer[]): TransferOutcome[] {
    const outcomes = transfers.map((transfer) => this.#known(transfer) ?? this.#post(transfer))
    this.#writeBalances()
    this.#writeOrders()
    this.#days.write(this.#engine)
    return outcomes
  }

  #known(transfer: Transfer): TransferOutcome | undefined {
    const row = this.#engine.prepare<TransferRow>(SELECT_KNOWN).get(transfer.id)
    if (row === undefined) return undefined
    if (!sameTransfer(transferOf(row), transfer)) return { kind: 'mismatch' }
    return row.refused_available === null
      ? { kind: 'posted', repeated: true }
      : { kind: 'insufficient', availableCoins: row.refused_available }
  }

  #post(transfer: Transfer): TransferOutcome {
    const debit = this.#open(transfer.debit)
    const credit = this.#open(transfer.credit)
    if (debit.posted < transfer.amountCoins && !mayOverdraw(transfer.debit)) {
      this.#insert(transfer, { debit: debit.no, credit: credit.no }, debit.posted)
      return { kind: 'insufficient', availableCoins: debit.posted }
    }
    const seq = this.#insert(transfer, { debit: debit.no, credit: credit.no }, null)
    const journal = this.#engine.prepare('INSERT INTO journal (account, seq, amount) VALUES (?, ?, ?)')
    journal.run(debit.no, seq, -transfer.amountCoins)
    journal.run(credit.no, seq, transfer.amountCoins)
    debit.posted -= transfer.amountCoins
    credit.posted += transfer.amountCoins
    const kind = kinds.indexOf(transfer.kind)
    this.#days.add({ id: transfer.debit, no: debit.no }, transfer, { kind, amount: -transfer.amountCoins })
    this.#days.add({ id: transfer.credit, no: credit.no }, transfer, { kind, amount: transfer.amountCoins })
    if (transfer.orderId !== undefined) this.#count(transfer.orderId, transfer)
    return { kind: 'posted', repeated: false }
  }

  #insert(transfer: Transfer, accounts: { debit: number; credit: number }, refusedAvailable: number | null): number {
    return this.#engine
      .prepare(
        `INSERT INTO transfer (id, kind, debit, credit, amount, order_id, at, refused_available)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        transfer.id,
        kinds.indexOf(transfer.kind),
        accounts.debit,
        accounts.credit,
        transfer.amountCoins,
        transfer.orderId ?? null,
        transfer.at,
        refusedAvailable,
      ).lastInsertRowid
  }

  #open(id: AccountId): OpenAccount {
    const open = this.#accounts.get(id)
    if (open !== undefined) return open
    const row = this.#engine
      .prepare<{ no: number; posted: number }>('SELECT no, posted FROM account WHERE id = ?')
      .get(id)
    const no = row?.no ?? this.#engine.prepare('INSERT INTO account (id, posted) VALUES (?, 0)').run(id).lastInsertRowid
    const account = { no, before: row?.posted ?? 0, posted: row?.posted ?? 0 }
    this.#accounts.set(id, account)
    return account
  }

  #count(orderId: OrderId, transfer: Transfer): void {
    const delta = this.#orders.get(orderId) ?? { paidIn: 0, paidOut: 0, refunded: 0 }
    if (transfer.kind === 'escrow') delta.paidIn += transfer.amountCoins
    if (transfer.kind === 'payment') delta.paidOut += transfer.amountCoins
    if (transfer.kind === 'refund') delta.refunded += transfer.amountCoins
    this.#orders.set(orderId, delta)
  }

  #writeBalances(): void {
    const update = this.#engine.prepare('UPDATE account SET posted = ? WHERE no = ?')
    for (const { no, before, posted } of this.#accounts.values()) if (posted !== before) update.run(posted, no)
  }

  #writeOrders(): void {
    const add = this.#engine.prepare(
      `INSERT INTO order_coins (order_id, paid_in, paid_out, refunded) VALUES (?, ?, ?, ?)
       ON CONFLICT (order_id) DO UPDATE SET paid_in = paid_in + excluded.paid_in,
         paid_out = paid_out + excluded.paid_out, refunded = refunded + excluded.refunded`,
    )
    for (const [orderId, delta] of this.#orders) add.run(orderId, delta.paidIn, delta.paidOut, delta.refunded)
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

function transferOf(row: TransferRow): Transfer {
  return {
    id: row.id,
    kind: kinds[row.kind]!,
    debit: row.debit,
    credit: row.credit,
    amountCoins: row.amount,
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    at: row.at,
  }
}

/** A page's last sequence; without one, or with one that no page gave, the journal begins at its newest entry. */
function seqOf(after: string | undefined): number {
  return after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : Number.MAX_SAFE_INTEGER
}
