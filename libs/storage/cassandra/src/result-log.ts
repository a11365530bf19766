import type { Instant, OrderId, UserId } from '@quarry/domain'
import type { types } from 'cassandra-driver'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'

/** Where a segment of a customer's log stands. */
export interface LogHead {
  readonly segment: number
  /** Of the last decision; undefined for a segment that nobody has written to. */
  readonly version: number | undefined
  readonly size: number
  /** Entries below it are in the run rows. */
  readonly applied: number
  readonly epoch: number
  readonly day: number | undefined
  /** When the latest of all results up to here was stored. */
  readonly newest: Instant
  readonly closed: boolean
}

export interface LogEntry {
  readonly n: number
  readonly orderId: OrderId
  readonly rep: number
  readonly failed: boolean
  readonly storedAt: Instant
  readonly json: string
}

interface HeadRow {
  readonly ver: types.Long | null
  readonly size: number | null
  readonly applied: number | null
  readonly epoch: types.Long | null
  readonly day: number | null
  readonly newest: types.Long | null
  readonly closed: boolean | null
}

interface EntryRow {
  readonly n: number
  readonly order_id: string
  readonly rep: number
  readonly failed: boolean
  readonly stored_at: types.Long
  readonly json: string
}

const HEAD =
  'SELECT DISTINCT ver, size, applied, epoch, day, newest, closed FROM inbox WHERE customer_id = ? AND segment = ?'

/** One customer's log of results: the statements on it, each of which is done or refused as a whole. */
export class ResultLog {
  readonly customerId: UserId
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine, customerId: UserId) {
    this.#engine = engine
    this.customerId = customerId
  }

  /** No entry is left before `first`; every segment before `last` is closed. */
  async range(): Promise<{ first: number; last: number }> {
    const [row] = await this.#engine.read<{ first_segment: number | null; last_segment: number | null }>(
      'SELECT first_segment, last_segment FROM inbox_range WHERE customer_id = ?',
      this.customerId,
    )
    return { first: row?.first_segment ?? 0, last: row?.last_segment ?? 0 }
  }

  async noteFirst(segment: number): Promise<void> {
    await this.#engine.write(
      'UPDATE inbox_range USING TIMESTAMP ? SET first_segment = ? WHERE customer_id = ?',
      segment,
      segment,
      this.customerId,
    )
  }

  /** Where a segment stood at some moment since the call began; it shows every confirmed decision. */
  async glance(segment: number): Promise<LogHead> {
    return headOf(segment, (await this.#engine.read<HeadRow>(HEAD, this.customerId, segment))[0])
  }

  /** As `glance`, with no decision left in mid-air. */
  async head(segment: number): Promise<LogHead> {
    return headOf(segment, (await this.#engine.readSerial<HeadRow>(HEAD, this.customerId, segment))[0])
  }

  /** The segment that takes entries; its epoch is the customer's. */
  async openHead(): Promise<LogHead> {
    let head = await this.head((await this.range()).last)
    while (head.closed) head = await this.after(head)
    return head
  }

  /** The segment that follows a closed one. */
  async after(closed: LogHead): Promise<LogHead> {
    const next = await this.head(closed.segment + 1)
    return next.version === undefined ? { ...next, epoch: closed.epoch, newest: closed.newest } : next
  }

  /** The first `limit` entries from `from` to below `below`, in order of arrival. */
  async entries(
    segment: number,
    { from, below, limit = below - from }: { from: number; below: number; limit?: number },
  ): Promise<LogEntry[]> {
    if (from >= below || limit <= 0) return []
    const rows = await this.#engine.read<EntryRow>(
      `SELECT n, order_id, rep, failed, stored_at, json FROM inbox
       WHERE customer_id = ? AND segment = ? AND n >= ? AND n < ? LIMIT ?`,
      this.customerId,
      segment,
      from,
      below,
      limit,
    )
    return rows.map((row) => ({
      n: row.n,
      orderId: row.order_id,
      rep: row.rep,
      failed: row.failed,
      storedAt: row.stored_at.toNumber(),
      json: row.json,
    }))
  }

  /** When the first entry that is left was stored. */
  async storedFirst(segment: number): Promise<Instant | undefined> {
    const [row] = await this.#engine.read<Pick<EntryRow, 'stored_at'>>(
      'SELECT stored_at FROM inbox WHERE customer_id = ? AND segment = ? AND n >= 0 LIMIT 1',
      this.customerId,
      segment,
    )
    return row?.stored_at.toNumber()
  }

  /** Appends entries numbered from `head.size` if nothing was decided since `head`. All before them must be applied. */
  async append(head: LogHead, entries: readonly LogEntry[], day: number): Promise<LogHead | undefined> {
    const newest = entries.reduce((latest, entry) => Math.max(latest, entry.storedAt), head.newest)
    const next = { size: head.size + entries.length, applied: head.size, day: head.day ?? day, newest }
    return this.#decide(
      head,
      next,
      entries.map((entry) => ({
        query: `INSERT INTO inbox (customer_id, segment, n, order_id, rep, failed, stored_at, json)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [
          this.customerId,
          head.segment,
          entry.n,
          entry.orderId,
          entry.rep,
          entry.failed,
          entry.storedAt,
          entry.json,
        ],
      })),
    )
  }

  /** Ends a segment of which everything is applied; the next one becomes the open one. */
  async close(head: LogHead): Promise<LogHead | undefined> {
    await this.#engine.write(
      'UPDATE inbox_range USING TIMESTAMP ? SET last_segment = ? WHERE customer_id = ?',
      head.segment,
      head.segment,
      this.customerId,
    )
    return this.#decide(head, { applied: head.size, closed: true })
  }

  /** Begins the next epoch if nothing was decided since `head`, which must be of the open segment. */
  async beginEpoch(head: LogHead): Promise<LogHead | undefined> {
    return this.#decide(head, { epoch: head.epoch + 1 })
  }

  /** Removes entries if nothing was decided since `head`. */
  async remove(head: LogHead, numbers: readonly number[]): Promise<LogHead | undefined> {
    return this.#decide(
      head,
      {},
      rangesOf(numbers).map(([from, to]) => ({
        query: 'DELETE FROM inbox WHERE customer_id = ? AND segment = ? AND n >= ? AND n <= ?',
        params: [this.customerId, head.segment, from, to],
      })),
    )
  }

  async #decide(
    head: LogHead,
    change: Partial<LogHead>,
    statements: readonly Statement[] = [],
  ): Promise<LogHead | undefined> {
    const next: LogHead = { ...head, ...change, version: (head.version ?? 0) + 1 }
    const { applied } = await this.#engine.decide(
      {
        query: `UPDATE inbox SET ver = ?, size = ?, applied = ?, epoch = ?, day = ?, newest = ?, closed = ?
                WHERE customer_id = ? AND segment = ? IF ver = ?`,
        params: [
          next.version,
          next.size,
          next.applied,
          next.epoch,
          next.day,
          next.newest,
          next.closed,
          this.customerId,
          head.segment,
          head.version ?? null,
        ],
      },
      ...statements,
    )
    return applied ? next : undefined
  }
}

function headOf(segment: number, row: HeadRow | undefined): LogHead {
  return {
    segment,
    version: row?.ver?.toNumber(),
    size: row?.size ?? 0,
    applied: row?.applied ?? 0,
    epoch: row?.epoch?.toNumber() ?? 0,
    day: row?.day ?? undefined,
    newest: row?.newest?.toNumber() ?? 0,
    closed: row?.closed ?? false,
  }
}

/** Ascending numbers as the ranges that they form, ends included. */
function rangesOf(numbers: readonly number[]): [from: number, to: number][] {
  const ranges: [number, number][] = []
  for (const n of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === n - 1) last[1] = n
    else ranges.push([n, n])
  }
  return ranges
}
