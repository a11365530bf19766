import type { Content, Instant, OrderId, RunResult } from '@quarry/domain'
import type { IncomingResult, StoredOutcome } from '@quarry/storage-port'
import { firstGap } from './missing-reps.ts'
import { encodeRun, RUN_COLUMNS, RUN_NAMES, runOf, type RunRow } from './run-row.ts'
import type { SqliteEngine } from './sqlite-engine.ts'

/** An order's counts during one `store`: read once, changed in memory, written once. */
interface OpenOrder {
  readonly no: number
  readonly customer: number
  delivered: number
  failed: number
  low_water: number
}

/** One `store`, inside its transaction. */
export class ResultWriting {
  readonly #db: SqliteEngine
  readonly #storedAt: Instant
  readonly #orders = new Map<OrderId, OpenOrder>()
  readonly #touched = new Set<OpenOrder>()

  constructor(db: SqliteEngine, storedAt: Instant) {
    this.#db = db
    this.#storedAt = storedAt
  }

  run(results: readonly IncomingResult[]): StoredOutcome[] {
    const outcomes = results.map((result) => this.#store(result))
    for (const order of this.#touched) this.#writeOrder(order)
    return outcomes
  }

  #store({ run, body }: IncomingResult): StoredOutcome {
    const order = this.#open(run)
    if (run.rep < order.low_water) return this.#known(order, run)
    const content = run.outcome.kind === 'page' ? run.outcome.content : undefined
    const kept = content !== undefined && this.#keepsBody(order.customer, content.sha256)
    const fresh = !kept && content !== undefined && body !== undefined
    const { changes } = this.#db
      .prepare(
        `INSERT INTO run (order_no, rep, customer, stored_at, has_body, json) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (order_no, rep) DO NOTHING`,
      )
      .run(order.no, run.rep, order.customer, this.#storedAt, kept || fresh ? 1 : 0, encodeRun(run))
    if (changes === 0) return this.#known(order, run)
    if (kept) this.#nameBody(order.customer, content.sha256)
    else if (fresh) this.#insertBody(order.customer, content, body)
    if (run.outcome.kind === 'page') order.delivered++
    else order.failed++
    if (run.rep === order.low_water) order.low_water++
    this.#touched.add(order)
    return { kind: 'stored', run }
  }

  #known(order: OpenOrder, run: RunResult): StoredOutcome {
    const row = this.#db
      .prepare<RunRow>(
        `SELECT ${RUN_COLUMNS} FROM run r JOIN result_order o ON o.no = r.order_no ${RUN_NAMES}
         WHERE r.order_no = ? AND r.rep = ? AND r.json IS NOT NULL`,
      )
      .get(order.no, run.rep)
    return { kind: 'known', run: row === undefined ? run : runOf(row) }
  }

  #keepsBody(customer: number, sha256: string): boolean {
    return this.#db.prepare('SELECT 1 FROM body WHERE customer = ? AND sha256 = ?').get(customer, sha256) !== undefined
  }

  /** An unchanged page costs one count; its bytes are not even bound. */
  #nameBody(customer: number, sha256: string): void {
    this.#db.prepare('UPDATE body SET refs = refs + 1 WHERE customer = ? AND sha256 = ?').run(customer, sha256)
  }

  #insertBody(customer: number, content: Content, body: Uint8Array): void {
    const bytesNo = this.#db.prepare('INSERT INTO body_bytes (bytes) VALUES (?)').run(body).lastInsertRowid
    this.#db
      .prepare('INSERT INTO body (customer, sha256, zstd, bytes_no, refs) VALUES (?, ?, ?, ?, 1)')
      .run(customer, content.sha256, content.encoding === 'zstd' ? 1 : 0, bytesNo)
  }

  #open(run: RunResult): OpenOrder {
    const open = this.#orders.get(run.orderId)
    if (open !== undefined) return open
    const order =
      this.#db
        .prepare<OpenOrder>('SELECT no, customer, delivered, failed, low_water FROM result_order WHERE id = ?')
        .get(run.orderId) ?? this.#createOrder(run)
    this.#orders.set(run.orderId, order)
    return order
  }

  #createOrder(run: RunResult): OpenOrder {
    const customer =
      this.#db.prepare<{ no: number }>('SELECT no FROM customer WHERE id = ?').get(run.customerId)?.no ??
      this.#db.prepare('INSERT INTO customer (id) VALUES (?)').run(run.customerId).lastInsertRowid
    const no = this.#db
      .prepare('INSERT INTO result_order (id, customer, delivered, failed, low_water) VALUES (?, ?, 0, 0, 0)')
      .run(run.orderId, customer).lastInsertRowid
    return { no, customer, delivered: 0, failed: 0, low_water: 0 }
  }

  #writeOrder(order: OpenOrder): void {
    // As many runs as repetitions below the mark: none lies above it, so there is nothing to look for.
    if (order.delivered + order.failed > order.low_water) this.#leap(order)
    this.#db
      .prepare('UPDATE result_order SET delivered = ?, failed = ?, low_water = ? WHERE no = ?')
      .run(order.delivered, order.failed, order.low_water, order.no)
  }

  /** A filled gap lets the mark leap over the runs behind it; rows of pruned runs need not be kept below it. */
  #leap(order: OpenOrder): void {
    const gap = firstGap(this.#db, order.no, order.low_water)
    if (gap === order.low_water) return
    this.#db
      .prepare('DELETE FROM run WHERE order_no = ? AND rep >= ? AND rep < ? AND json IS NULL')
      .run(order.no, order.low_water, gap)
    order.low_water = gap
  }
}
