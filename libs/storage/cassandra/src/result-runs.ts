import { parseJobId, type JobId, type OrderId, type RunResult, type UserId } from '@quarry/domain'
import type { OrderTotals, Page } from '@quarry/storage-port'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'
import { ResultLog, type LogEntry } from './result-log.ts'
import { inParallel } from './result-parallel.ts'
import { CHUNK_REPS, chunkOf, decodeRun } from './result-rows.ts'

/** What is known of an order, whoever stored it: `low` and the chunks that may have runs. */
export interface OrderSummary {
  readonly customerId: UserId | undefined
  /** Every repetition below it had its run; the counts are of those. */
  readonly low: number
  readonly delivered: number
  readonly failed: number
  /** Descending. */
  readonly chunks: readonly number[]
}

/** A repetition that had its run, kept or not. */
export interface Mark {
  readonly rep: number
  readonly failed: boolean
}

interface SummaryRow {
  readonly chunk: number | null
  readonly customer_id: string | null
  readonly low: number | null
  readonly low_delivered: number | null
  readonly low_failed: number | null
}

interface RunRow {
  readonly rep: number
  readonly customer_id: string
  readonly json: string | null
}

const WRITES_AT_ONCE = 64
const READS_AT_ONCE = 16
const SELECT_RUNS = 'SELECT rep, customer_id, json FROM run WHERE order_id = ? AND chunk = ?'

/** Runs by order, derived from the logs: each write says what some log entry says, so repeating it is safe at any time. */
export class ResultRuns {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  /** Writes the runs of entries; their chunks must be registered. */
  async apply(customerId: UserId, entries: readonly LogEntry[]): Promise<void> {
    const partitions = Map.groupBy(entries, (entry) => `${entry.orderId}:${chunkOf(entry.rep)}`)
    await inParallel(partitions.values(), WRITES_AT_ONCE, (together) => {
      const [first, ...rest] = together.map((entry) => insertion(customerId, entry))
      if (first === undefined) return Promise.resolve()
      return rest.length === 0
        ? this.#engine.write(first.query, ...first.params)
        : this.#engine.writeTogether([first, ...rest])
    })
  }

  /** Must be confirmed before a log has a run of the chunk. */
  async registerChunk(orderId: OrderId, chunk: number, customerId: UserId): Promise<void> {
    await this.#engine.write(
      'INSERT INTO run_order (order_id, chunk, customer_id) VALUES (?, ?, ?)',
      orderId,
      chunk,
      customerId,
    )
  }

  /** Moves the order's counts on; a lower `low` than the one stored changes nothing. */
  async raiseLow(
    orderId: OrderId,
    { low, delivered, failed }: Omit<OrderSummary, 'customerId' | 'chunks'>,
  ): Promise<void> {
    await this.#engine.write(
      'UPDATE run_order USING TIMESTAMP ? SET low = ?, low_delivered = ?, low_failed = ? WHERE order_id = ?',
      low,
      low,
      delivered,
      failed,
      orderId,
    )
  }

  async summary(orderId: OrderId): Promise<OrderSummary> {
    const rows = await this.#engine.read<SummaryRow>(
      'SELECT chunk, customer_id, low, low_delivered, low_failed FROM run_order WHERE order_id = ?',
      orderId,
    )
    const [first] = rows
    return {
      customerId: first?.customer_id ?? undefined,
      low: first?.low ?? 0,
      delivered: first?.low_delivered ?? 0,
      failed: first?.low_failed ?? 0,
      chunks: rows.flatMap((row) => row.chunk ?? []),
    }
  }

  /** The chunk's repetitions from `from` on that had their run, descending. */
  async marks(orderId: OrderId, chunk: number, from: number): Promise<readonly Mark[]> {
    return this.#engine.read<Mark>(
      'SELECT rep, failed FROM run WHERE order_id = ? AND chunk = ? AND rep >= ?',
      orderId,
      chunk,
      from,
    )
  }

  /** Forgets runs; of those from `low` on the row stays, so that they are not taken for missing ones. */
  async forget(orderId: OrderId, reps: readonly number[], low: number): Promise<void> {
    const statements = reps.map((rep) => ({
      query: `DELETE ${rep < low ? '' : 'stored_at, json '}FROM run USING TIMESTAMP 2
              WHERE order_id = ? AND chunk = ? AND rep = ?`,
      params: [orderId, chunkOf(rep), rep],
    }))
    const partitions = Map.groupBy(statements, ({ params: [, chunk] }) => chunk)
    await inParallel(partitions.values(), WRITES_AT_ONCE, (together) => this.#engine.writeTogether(together))
  }

  /** Drops a chunk of which all is below `low`, unless a run of it is kept. */
  async dropIfForgotten(orderId: OrderId, chunk: number): Promise<void> {
    const rows = await this.#engine.read<{ stored_at: unknown }>(
      'SELECT stored_at FROM run WHERE order_id = ? AND chunk = ?',
      orderId,
      chunk,
    )
    if (rows.some((row) => row.stored_at !== null)) return
    await this.#engine.write('DELETE FROM run USING TIMESTAMP 2 WHERE order_id = ? AND chunk = ?', orderId, chunk)
    await this.#engine.write('DELETE FROM run_order WHERE order_id = ? AND chunk = ?', orderId, chunk)
  }

  /** The run as it is kept; `forgotten` when retention took it; undefined when the rows have none. */
  async find(orderId: OrderId, rep: number): Promise<RunResult | 'forgotten' | undefined> {
    const [row] = await this.#engine.read<RunRow>(`${SELECT_RUNS} AND rep = ?`, orderId, chunkOf(rep), rep)
    if (row === undefined) return undefined
    return row.json === null ? 'forgotten' : decodeRun({ orderId, rep, customerId: row.customer_id }, row.json)
  }

  /** As a reader needs it: a run that is in the log and not yet in the rows counts, since the inbox shows it. */
  async run(jobId: JobId): Promise<RunResult | undefined> {
    const job = parseJobId(jobId)
    if (job === undefined) return undefined
    const found = await this.find(job.orderId, job.rep)
    if (found !== undefined) return found === 'forgotten' ? undefined : found
    const { customerId, low } = await this.summary(job.orderId)
    if (customerId === undefined || job.rep < low) return undefined
    const log = new ResultLog(this.#engine, customerId)
    const { segment, applied, size } = await log.openHead()
    const tail = await log.entries(segment, { from: applied, below: size })
    const entry = tail.find(({ orderId, rep }) => orderId === job.orderId && rep === job.rep)
    return entry === undefined ? undefined : decodeRun({ ...job, customerId }, entry.json)
  }

  async page(orderId: OrderId, { after, limit }: { after?: string; limit: number }): Promise<Page<RunResult>> {
    const below = after !== undefined && /^\d{1,9}$/.test(after) ? Number(after) : Number.MAX_SAFE_INTEGER
    const { chunks } = await this.summary(orderId)
    const runs: RunResult[] = []
    for (const chunk of chunks) {
      if (chunk * CHUNK_REPS >= below || runs.length > limit) continue
      runs.push(...(await this.#newest(orderId, chunk, { below, limit: limit + 1 - runs.length })))
    }
    const items = runs.slice(0, limit)
    const last = items.at(-1)
    return { items, ...(last !== undefined && runs.length > limit ? { next: String(last.rep) } : {}) }
  }

  async totals(orderIds: readonly OrderId[]): Promise<readonly OrderTotals[]> {
    const totals = new Array<OrderTotals>(orderIds.length)
    await inParallel(orderIds.entries(), READS_AT_ONCE, async ([index, orderId]) => {
      const { summary, marks } = await this.#standing(orderId)
      const failed = marks.filter((mark) => mark.failed).length
      const lastRun = await this.#lastRun(orderId, summary.chunks)
      totals[index] = {
        delivered: summary.delivered + marks.length - failed,
        failed: summary.failed + failed,
        ...(lastRun === undefined ? {} : { lastRun }),
      }
    })
    return totals
  }

  async unsettled(orderId: OrderId, below: number, limit: number): Promise<readonly number[]> {
    const { summary, marks } = await this.#standing(orderId, below)
    const present = new Set(marks.map((mark) => mark.rep))
    const missing: number[] = []
    for (let rep = summary.low; rep < below && missing.length < limit; rep++) {
      if (!present.has(rep)) missing.push(rep)
    }
    return missing
  }

  /**
   * The order's counts below `low` and the marks from `low` on. Retention may take rows below a `low` that was raised
   * after it was read: then both are read again.
   */
  async #standing(orderId: OrderId, below = Infinity): Promise<{ summary: OrderSummary; marks: readonly Mark[] }> {
    for (let summary = await this.summary(orderId); ;) {
      const { low } = summary
      const chunks = summary.chunks.filter((chunk) => chunk >= chunkOf(low) && chunk * CHUNK_REPS < below)
      const found = await Promise.all(chunks.map((chunk) => this.marks(orderId, chunk, low)))
      const again = chunks.length === 0 ? summary : await this.summary(orderId)
      if (again.low === low) return { summary, marks: found.flat() }
      summary = again
    }
  }

  async #lastRun(orderId: OrderId, chunks: readonly number[]): Promise<RunResult | undefined> {
    for (const chunk of chunks) {
      const [newest] = await this.#newest(orderId, chunk, { below: Number.MAX_SAFE_INTEGER, limit: 1 })
      if (newest !== undefined) return newest
    }
    return undefined
  }

  /** The chunk's kept runs below `below`, newest first; rows of forgotten ones are passed over. */
  async #newest(orderId: OrderId, chunk: number, part: { below: number; limit: number }): Promise<RunResult[]> {
    const runs: RunResult[] = []
    let below = Math.min(part.below, (chunk + 1) * CHUNK_REPS)
    for (;;) {
      const asked = part.limit - runs.length
      const rows = await this.#engine.read<RunRow>(`${SELECT_RUNS} AND rep < ? LIMIT ?`, orderId, chunk, below, asked)
      for (const { rep, customer_id: customerId, json } of rows) {
        if (json !== null) runs.push(decodeRun({ orderId, rep, customerId }, json))
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < asked || runs.length >= part.limit) return runs
      below = last.rep
    }
  }
}

function insertion(customerId: UserId, entry: LogEntry): Statement {
  return {
    query: `INSERT INTO run (order_id, chunk, rep, customer_id, failed, stored_at, json) VALUES (?, ?, ?, ?, ?, ?, ?)
            USING TIMESTAMP 1`,
    params: [entry.orderId, chunkOf(entry.rep), entry.rep, customerId, entry.failed, entry.storedAt, entry.json],
  }
}
