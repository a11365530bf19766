import { escrowAccount, type AccountId, type Transfer, type TransferKind } from '@quarry/domain'
import type { types } from 'cassandra-driver'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'

/**
 * How far a transfer is, as one account's partition knows it. At the id's home: `claimed` (the id is taken, nothing has
 * moved), `credited` (home is the credit; coins came), then for ever `posted` or `refused`; or, when home is the debit,
 * for ever `moving` (coins left; whether they arrived, the credit knows) or `refused`. Elsewhere `posted` and `refused`
 * speak of this account's side only.
 */
export type RowState = 'claimed' | 'moving' | 'credited' | 'posted' | 'refused'

/** What one partition knows of one transfer. */
export interface LedgerRow {
  readonly transfer: Transfer
  readonly state: RowState
  /** The entry's number in this account; undefined while, or because, no coin of this account moved. */
  readonly seq?: number
  /** Set on `refused`: the coins that there were. */
  readonly availableCoins?: number
  /** Set at home: the version by which the home took the id. */
  readonly round?: number
  /** Which call made the row. */
  readonly maker?: string
}

/** An account's statics; `version` is undefined for one that has no partition yet. */
export interface AccountState {
  readonly version: number | undefined
  readonly postedCoins: number
  readonly nextSeq: number
}

export type Long = types.Long

/** A transfer as any table of the ledger keeps it. */
export interface TransferColumns {
  readonly id: string
  readonly kind: number
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amount: Long
  readonly order_id: string | null
  readonly at: Long
}

interface RowColumns extends TransferColumns {
  readonly state: number
  readonly available: Long | null
  readonly seq: Long | null
  readonly round: Long | null
  readonly maker: string | null
}

/** The numbers under which kinds and states are stored; append only. */
const kinds: readonly TransferKind[] = ['mint', 'escrow', 'payment', 'refund', 'forfeit']
const states: readonly (RowState | undefined)[] = [undefined, 'claimed', 'moving', 'credited', 'posted', 'refused']

export const ROW_COLUMNS = 'id, kind, debit, credit, amount, order_id, at, state, available, seq, round, maker'

const PAGE_ROWS = 1_000
/** Sorts after every id. */
const LAST_ID = '\u{10FFFF}'

const INSERT_ROW = `INSERT INTO ledger_account (account, part, id, kind, debit, credit, amount, order_id, at, state, available,
  seq, round, maker) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS`
const UPDATE_ROW = `UPDATE ledger_account SET state = ?, available = ?, seq = ?
  WHERE account = ? AND part = 1 AND id = ? IF state = ?`
const UPDATE_ACCOUNT = 'UPDATE ledger_account SET ver = ?, posted = ?, next_seq = ? WHERE account = ? IF ver = ?'
const INSERT_ENTRIES = 'INSERT INTO ledger_account (account, part, id, ids) VALUES (?, 2, ?, ?)'
const OPEN_ROUND = 'INSERT INTO ledger_account (account, part, id, ids) VALUES (?, 0, ?, ?)'
const CLOSE_ROUND = 'DELETE FROM ledger_account WHERE account = ? AND part = 0 AND id = ?'

/**
 * The account in whose partition an id is taken: a function of the id alone, so that two transfers of one id meet
 * whatever their sides. Ids of an order (`orderId:rep`, `orderId:escrow`) have their order's escrow account as home.
 */
export function homeOf(id: string): AccountId {
  const colon = id.lastIndexOf(':')
  return escrowAccount(colon < 0 ? id : id.slice(0, colon))
}

/** Whether the order's id and the transfer's own tell where to find it, without an index. */
export function foundByName({ id, orderId, debit, credit }: Transfer): boolean {
  const home = homeOf(id)
  return (
    orderId !== undefined &&
    id.lastIndexOf(':') === orderId.length &&
    id.startsWith(orderId) &&
    (home === debit || home === credit)
  )
}

/** The coins that the row stands for in `account`: negative at the debit, 0 while nothing moved. */
export function coinsIn(account: string, { transfer, state, seq }: LedgerRow): number {
  if (seq === undefined || state === 'refused') return 0
  return transfer.debit === account ? -transfer.amountCoins : transfer.amountCoins
}

export function insertRow(account: AccountId, row: LedgerRow): Statement {
  return {
    query: INSERT_ROW,
    params: [
      account,
      ...transferParams(row.transfer),
      states.indexOf(row.state),
      row.availableCoins,
      row.seq,
      row.round,
      row.maker,
    ],
  }
}

/** Moves a row on from `seen`; refused when it is not in that state any more. */
export function updateRow(account: AccountId, seen: RowState, row: LedgerRow): Statement {
  return {
    query: UPDATE_ROW,
    params: [states.indexOf(row.state), row.availableCoins, row.seq, account, row.transfer.id, states.indexOf(seen)],
  }
}

export function updateAccount(account: AccountId, seen: number | undefined, next: AccountState): Statement {
  return { query: UPDATE_ACCOUNT, params: [next.version, next.postedCoins, next.nextSeq, account, seen ?? null] }
}

export function openRound(account: AccountId, round: number, ids: readonly string[]): Statement {
  return { query: OPEN_ROUND, params: [account, numberKey(round), ids] }
}

export function closeRound(account: AccountId, round: number): Statement {
  return { query: CLOSE_ROUND, params: [account, numberKey(round)] }
}

/** The journal entries of one round: those of transfers `ids`, numbered from `firstSeq` on. */
export function insertEntries(account: AccountId, firstSeq: number, ids: readonly string[]): Statement {
  return { query: INSERT_ENTRIES, params: [account, numberKey(firstSeq), ids] }
}

/** Keys sort as their numbers do. */
export function numberKey(number: number): string {
  return String(number).padStart(16, '0')
}

/** id, kind, debit, credit, amount, order_id, at; what is undefined stays unset. */
export function transferParams({ id, kind, debit, credit, amountCoins, orderId, at }: Transfer): unknown[] {
  return [id, kinds.indexOf(kind), debit, credit, amountCoins, orderId, at]
}

export function transferOf(row: TransferColumns): Transfer {
  return {
    id: row.id,
    kind: kinds[row.kind]!,
    debit: row.debit,
    credit: row.credit,
    amountCoins: row.amount.toNumber(),
    ...(row.order_id === null ? {} : { orderId: row.order_id }),
    at: row.at.toNumber(),
  }
}

export function kindOf(stored: number): TransferKind {
  return kinds[stored]!
}

/** A row read with `ROW_COLUMNS`. */
export function rowOf(row: RowColumns): LedgerRow {
  return {
    transfer: transferOf(row),
    state: states[row.state]!,
    ...(row.seq === null ? {} : { seq: row.seq.toNumber() }),
    ...(row.available === null ? {} : { availableCoins: row.available.toNumber() }),
    ...(row.round === null ? {} : { round: row.round.toNumber() }),
    ...(row.maker === null ? {} : { maker: row.maker }),
  }
}

/** `final` finishes what a conditional write left in mid-air. */
export type ReadKind = 'plain' | 'final'

function reader(engine: CassandraEngine, kind: ReadKind) {
  return kind === 'final' ? engine.readSerial.bind(engine) : engine.read.bind(engine)
}

export async function readAccount(engine: CassandraEngine, account: AccountId, kind: ReadKind): Promise<AccountState> {
  const [row] = await reader(engine, kind)<{ ver: Long | null; posted: Long | null; next_seq: Long | null }>(
    'SELECT DISTINCT account, ver, posted, next_seq FROM ledger_account WHERE account = ?',
    account,
  )
  return {
    version: row?.ver?.toNumber(),
    postedCoins: row?.posted?.toNumber() ?? 0,
    nextSeq: row?.next_seq?.toNumber() ?? 0,
  }
}

export async function readRows(
  engine: CassandraEngine,
  { account, ids }: { account: AccountId; ids: readonly string[] },
  kind: ReadKind,
): Promise<readonly LedgerRow[]> {
  if (ids.length === 0) return []
  const rows = await reader(engine, kind)<RowColumns>(
    `SELECT ${ROW_COLUMNS} FROM ledger_account WHERE account = ? AND part = 1 AND id IN ?`,
    account,
    ids,
  )
  return rows.map(rowOf)
}

/** The account's rows in order of id, those after `after` and before `before`, a page at a time. */
export async function* pagesOfRows(
  engine: CassandraEngine,
  account: AccountId,
  { after = '', before = LAST_ID }: { after?: string; before?: string } = {},
): AsyncGenerator<readonly LedgerRow[]> {
  for (let last: LedgerRow | undefined; ;) {
    const rows = await engine.read<RowColumns>(
      `SELECT ${ROW_COLUMNS} FROM ledger_account WHERE account = ? AND part = 1 AND id > ? AND id < ? LIMIT ?`,
      account,
      last?.transfer.id ?? after,
      before,
      PAGE_ROWS,
    )
    const page = rows.map(rowOf)
    yield page
    last = page.at(-1)
    if (last === undefined || page.length < PAGE_ROWS) return
  }
}

/** Whether the round is on the sweeper's list still. */
export async function isOpenRound(engine: CassandraEngine, home: AccountId, round: number): Promise<boolean> {
  const query = 'SELECT id FROM ledger_account WHERE account = ? AND part = 0 AND id = ?'
  return (await engine.read(query, home, numberKey(round))).length > 0
}
