import { parseJobId, type Instant, type JobId, type OrderId, type RunResult, type UserId } from '@quarry/domain'
import type {
  IncomingResult,
  InboxEntry,
  OrderTotals,
  Page,
  ResultStore,
  StoredOutcome,
  StoredRun,
} from '@quarry/storage-port'
import { setImmediate } from 'node:timers/promises'
import { missingReps, range } from './missing-reps.ts'
import { eraseRunsOf, pruneRuns } from './result-pruning.ts'
import { ResultWriting } from './result-writing.ts'
import { RUN_COLUMNS, RUN_NAMES, runOf, type RunRow } from './run-row.ts'
import type { SqliteEngine } from './sqlite-engine.ts'

const CURSOR_DIGITS = 16

interface OrderRow {
  readonly no: number
  readonly delivered: number
  readonly failed: number
  readonly low_water: number
}

/** Bodies, runs and inboxes; a run's `seq`, given inside the one writing transaction there is, is its inbox cursor. */
export class SqliteResultStore implements ResultStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  store(results: readonly IncomingResult[], storedAt: Instant): Promise<readonly StoredOutcome[]> {
    return this.#engine.write((db) => new ResultWriting(db, storedAt).run(results))
  }

  run(jobId: JobId): Promise<RunResult | undefined> {
    return this.#engine.read((db) => {
      const job = parseJobId(jobId)
      if (job === undefined) return undefined
      const row = db
        .prepare<RunRow>(
          `SELECT ${RUN_COLUMNS} FROM result_order o JOIN run r ON r.order_no = o.no ${RUN_NAMES}
           WHERE o.id = ? AND r.rep = ? AND r.json IS NOT NULL`,
        )
        .get(job.orderId, job.rep)
      return row === undefined ? undefined : runOf(row)
    })
  }

  runsOf(orderId: OrderId, page: { after?: string; limit: number }): Promise<Page<RunResult>> {
    return this.#engine.read((db) => {
      const rows = db
        .prepare<RunRow>(
          `SELECT ${RUN_COLUMNS} FROM result_order o JOIN run r ON r.order_no = o.no ${RUN_NAMES}
           WHERE o.id = ? AND r.rep < ? AND r.json IS NOT NULL ORDER BY r.rep DESC LIMIT ?`,
        )
        .all(orderId, numberOf(page.after) ?? Number.MAX_SAFE_INTEGER, page.limit + 1)
      const shown = rows.slice(0, page.limit)
      const last = shown.at(-1)
      return {
        items: shown.map(runOf),
        ...(rows.length > page.limit && last !== undefined ? { next: String(last.rep) } : {}),
      }
    })
  }

  totals(orderIds: readonly OrderId[]): Promise<readonly OrderTotals[]> {
    return this.#engine.read(() => orderIds.map((orderId) => this.#totals(orderId)))
  }

  unsettled(orderId: OrderId, below: number, limit: number): Promise<readonly number[]> {
    return this.#engine.snapshot((db) => {
      const order = this.#order(orderId)
      const from = order?.low_water ?? 0
      if (from >= below || limit < 1) return []
      if (order === undefined || order.delivered + order.failed === from) return range(from, below, limit)
      return missingReps(db, order.no, { from, below, limit })
    })
  }

  inbox(
    customerId: UserId,
    from: { after?: string; limit: number; orderId?: OrderId; since?: Instant },
  ): Promise<readonly InboxEntry[]> {
    return this.#engine.read((db) => {
      const orderNo = from.orderId === undefined ? null : (this.#order(from.orderId)?.no ?? -1)
      return db
        .prepare<RunRow>(
          `SELECT ${RUN_COLUMNS} FROM customer c JOIN run r ON r.customer = c.no JOIN result_order o ON o.no = r.order_no
           WHERE c.id = ? AND r.seq > ? AND r.order_no = coalesce(?, r.order_no) AND r.stored_at >= ?
           ORDER BY r.seq LIMIT ?`,
        )
        .all(customerId, numberOf(from.after) ?? 0, orderNo, from.since ?? Number.MIN_SAFE_INTEGER, from.limit)
        .map((row) => ({
          cursor: String(row.seq).padStart(CURSOR_DIGITS, '0'),
          storedAt: row.stored_at,
          run: runOf(row),
        }))
    })
  }

  async stored(part: { after?: string; limit: number; since?: Instant }): Promise<Page<StoredRun>> {
    // Who walks over all runs would else keep the process from everything until the end: a read takes no turn of its own.
    await setImmediate()
    return this.#engine.read((db) => {
      const rows = db
        .prepare<RunRow>(
          `SELECT ${RUN_COLUMNS} FROM run r JOIN result_order o ON o.no = r.order_no ${RUN_NAMES}
           WHERE r.seq > ? AND r.json IS NOT NULL AND r.stored_at >= ? ORDER BY r.seq LIMIT ?`,
        )
        .all(numberOf(part.after) ?? 0, part.since ?? Number.MIN_SAFE_INTEGER, part.limit)
      const last = rows.at(-1)
      return {
        items: rows.map((row) => ({ storedAt: row.stored_at, run: runOf(row) })),
        ...(rows.length === part.limit && last !== undefined ? { next: String(last.seq) } : {}),
      }
    })
  }

  body(customerId: UserId, sha256: string): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined> {
    return this.#engine.read((db) => {
      const row = db
        .prepare<{ zstd: number; bytes: Uint8Array }>(
          `SELECT b.zstd, y.bytes FROM customer c JOIN body b ON b.customer = c.no JOIN body_bytes y ON y.no = b.bytes_no
           WHERE c.id = ? AND b.sha256 = ?`,
        )
        .get(customerId, sha256)
      return row === undefined ? undefined : { bytes: row.bytes, encoding: row.zstd === 1 ? 'zstd' : 'identity' }
    })
  }

  prune(before: Instant, limit: number): Promise<number> {
    return this.#engine.write((db) => pruneRuns(db, before, limit))
  }

  eraseOf(customerId: UserId, limit: number): Promise<number> {
    return this.#engine.write((db) => eraseRunsOf(db, customerId, limit))
  }

  #order(orderId: OrderId): OrderRow | undefined {
    return this.#engine
      .prepare<OrderRow>('SELECT no, delivered, failed, low_water FROM result_order WHERE id = ?')
      .get(orderId)
  }

  #totals(orderId: OrderId): OrderTotals {
    const order = this.#order(orderId)
    if (order === undefined) return { delivered: 0, failed: 0 }
    const last = this.#engine
      .prepare<RunRow>(
        `SELECT ${RUN_COLUMNS} FROM run r JOIN result_order o ON o.no = r.order_no ${RUN_NAMES}
         WHERE r.order_no = ? AND r.json IS NOT NULL ORDER BY r.rep DESC LIMIT 1`,
      )
      .get(order.no)
    return {
      delivered: order.delivered,
      failed: order.failed,
      ...(last === undefined ? {} : { lastRun: runOf(last) }),
    }
  }
}

/** A cursor of this store as a number; undefined for none, and for a text that it never gave. */
function numberOf(cursor: string | undefined): number | undefined {
  return cursor !== undefined && /^\d{1,16}$/.test(cursor) ? Number(cursor) : undefined
}
