import { bucketOf, type Bucket, type Instant, type OrderId, type ScheduleEntry } from '@quarry/domain'
import type { BucketHold, BucketState, Epoch } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'

interface BucketRow {
  readonly epoch: types.Long | null
  readonly owner: string | null
  readonly watermark: types.Long | null
  readonly horizon: types.Long | null
  readonly changes: types.Long | null
}

interface EntryRow {
  readonly version: types.Long
  readonly changed: types.Long
  readonly json: string
}

/** An entry with what its row must still be like when it is written. A closed one has left its bucket for ever. */
export interface StoredEntry {
  readonly entry: ScheduleEntry
  readonly row?: { readonly version: number; readonly changed: number }
}

/** A time of a bucket that never moves back, and what else must hold when it moves. */
interface MoveForward {
  readonly column: 'watermark' | 'horizon'
  readonly to: Instant
  readonly condition: string
  readonly values: readonly (number | null)[]
}

const ENTRY = "bucket = ? AND part = 'entry' AND key = ?"
const CHANGE = "bucket = ? AND part = 'change' AND key = ?"

/**
 * The rows of the buckets. Each write stands under a condition on what was read before, and tells by false that it is no
 * longer so; then nothing was written.
 */
export class ScheduleRows {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async bucket(bucket: Bucket): Promise<BucketState> {
    const [row] = await this.#engine.readSerial<BucketRow>(
      'SELECT DISTINCT bucket, epoch, owner, watermark, horizon, changes FROM schedule_bucket WHERE bucket = ?',
      bucket,
    )
    return {
      bucket,
      epoch: numberOf(row?.epoch),
      watermark: numberOf(row?.watermark),
      horizon: numberOf(row?.horizon),
      changes: numberOf(row?.changes),
      ...(typeof row?.owner === 'string' ? { owner: row.owner } : {}),
    }
  }

  async claim(bucket: Bucket, expected: Epoch, owner: string): Promise<boolean> {
    return this.#decide({
      query: 'UPDATE schedule_bucket SET epoch = ?, owner = ? WHERE bucket = ? IF epoch = ?',
      params: [expected + 1, owner, bucket, orNull(expected)],
    })
  }

  /** The number of changes is read before the entries, which may therefore be newer, never older. */
  async open(bucket: Bucket): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }> {
    const { changes } = await this.bucket(bucket)
    const rows = await this.#engine.read<{ json: string }>(
      "SELECT json FROM schedule_bucket WHERE bucket = ? AND part = 'entry'",
      bucket,
    )
    return { changes, entries: rows.map(({ json }) => JSON.parse(json) as ScheduleEntry) }
  }

  /** As with `open`, whatever changes meanwhile is listed as well. */
  async changedSince(
    bucket: Bucket,
    seen: number,
  ): Promise<{ readonly changes: number; readonly orderIds: readonly OrderId[] }> {
    const { changes } = await this.bucket(bucket)
    if (changes <= seen) return { changes, orderIds: [] }
    const rows = await this.#engine.read<{ order_id: string }>(
      "SELECT order_id FROM schedule_bucket WHERE bucket = ? AND part = 'change' AND key > ?",
      bucket,
      changeKey(seen),
    )
    return { changes, orderIds: rows.map((row) => row.order_id) }
  }

  /** Serial, so that it tells for good what became of a write whose answer was lost. */
  async find(orderId: OrderId): Promise<StoredEntry | undefined> {
    const [row] = await this.#engine.readSerial<EntryRow>(
      `SELECT version, changed, json FROM schedule_bucket WHERE ${ENTRY}`,
      bucketOf(orderId),
      orderId,
    )
    if (row !== undefined) {
      const { version, changed, json } = row
      return {
        entry: JSON.parse(json) as ScheduleEntry,
        row: { version: version.toNumber(), changed: changed.toNumber() },
      }
    }
    // Copied to here before it left its bucket: so it cannot be missed by looking here last.
    const [closed] = await this.#engine.read<{ json: string }>(
      'SELECT json FROM closed_schedule_entry WHERE order_id = ?',
      orderId,
    )
    return closed === undefined ? undefined : { entry: JSON.parse(closed.json) as ScheduleEntry }
  }

  /** Puts a new entry into the bucket if that is still as `state` says. */
  async add(state: BucketState, entry: ScheduleEntry): Promise<boolean> {
    const { bucket } = state
    const changes = state.changes + 1
    return this.#decide(
      {
        query: `UPDATE schedule_bucket SET changes = ?, changed = ?, version = ?, json = ? WHERE ${ENTRY}
                IF changes = ? AND watermark = ?`,
        params: [
          ...[changes, changes, 1, JSON.stringify(entry), bucket, entry.order.id],
          ...[orNull(state.changes), orNull(state.watermark)],
        ],
      },
      noteChange(bucket, changes, entry.order.id),
    )
  }

  /** Writes an entry that its owner has to know of, if there were no more than `seenChanges` before. */
  async change({ row }: StoredEntry, entry: ScheduleEntry, seenChanges: number): Promise<boolean> {
    const [orderId, bucket, changes] = [entry.order.id, bucketOf(entry.order.id), seenChanges + 1]
    const { version, changed } = openRow(row, orderId)
    return this.#decide(
      {
        query: `UPDATE schedule_bucket SET changes = ?, changed = ?, version = ?, json = ? WHERE ${ENTRY}
                IF changes = ? AND version = ?`,
        params: [...[changes, changes, version + 1, JSON.stringify(entry), bucket, orderId], ...[seenChanges, version]],
      },
      { query: `DELETE FROM schedule_bucket WHERE ${CHANGE}`, params: [bucket, changeKey(changed)] },
      noteChange(bucket, changes, orderId),
    )
  }

  /** Writes what the bucket's owner said of an entry, if `hold` is still the owner's. */
  async settle({ row }: StoredEntry, entry: ScheduleEntry, hold: BucketHold): Promise<boolean> {
    const orderId = entry.order.id
    const { version } = openRow(row, orderId)
    const json = JSON.stringify(entry)
    if (!entry.closed) {
      return this.#decide({
        query: `UPDATE schedule_bucket SET version = ?, json = ? WHERE ${ENTRY} IF epoch = ? AND version = ?`,
        params: [version + 1, json, hold.bucket, orderId, hold.epoch, version],
      })
    }
    // What may close changes no more: whoever else is about to close it writes the same copy.
    await this.#engine.write('INSERT INTO closed_schedule_entry (order_id, json) VALUES (?, ?)', orderId, json)
    return this.#decide({
      query: `DELETE FROM schedule_bucket WHERE ${ENTRY} IF epoch = ? AND version = ?`,
      params: [hold.bucket, orderId, hold.epoch, version],
    })
  }

  /** An entry that is still in its bucket stays: its closed copy is then only about to count. */
  async eraseClosed(orderId: OrderId): Promise<void> {
    const stored = await this.find(orderId)
    if (stored === undefined || stored.row !== undefined) return
    await this.#engine.write('DELETE FROM closed_schedule_entry WHERE order_id = ?', orderId)
  }

  /** True when the horizon stands there now. */
  extend({ bucket, epoch }: BucketHold, horizon: Instant): Promise<boolean> {
    return this.#forward(bucket, { column: 'horizon', to: horizon, condition: 'epoch = ?', values: [epoch] })
  }

  /** True when the watermark stands there now. */
  advance({ bucket, epoch }: BucketHold, watermark: Instant, seenChanges: number): Promise<boolean> {
    const values = [epoch, orNull(seenChanges)]
    return this.#forward(bucket, { column: 'watermark', to: watermark, condition: 'epoch = ? AND changes = ?', values })
  }

  async #forward(bucket: Bucket, { column, to, condition, values }: MoveForward): Promise<boolean> {
    const forward = (behind: string, ...limits: readonly number[]) =>
      this.#engine.decide<Partial<BucketRow>>({
        query: `UPDATE schedule_bucket SET ${column} = ? WHERE bucket = ? IF ${condition} AND ${behind}`,
        params: [to, bucket, ...values, ...limits],
      })
    const { applied, rows } = await forward(`${column} < ?`, to)
    // Nothing is less than what was never written, which stands for 0.
    if (applied || to <= 0 || numberOf(rows[0]?.[column]) > 0) return applied
    return (await forward(`${column} = null`)).applied
  }

  async #decide(...statements: readonly Statement[]): Promise<boolean> {
    return (await this.#engine.decide(...statements)).applied
  }
}

function noteChange(bucket: Bucket, changes: number, orderId: OrderId): Statement {
  return {
    query: "INSERT INTO schedule_bucket (bucket, part, key, order_id) VALUES (?, 'change', ?, ?)",
    params: [bucket, changeKey(changes), orderId],
  }
}

/** Numbers that sort as texts. */
function changeKey(changes: number): string {
  return String(changes).padStart(16, '0')
}

function openRow<T>(row: T | undefined, orderId: OrderId): T {
  if (row === undefined) throw new Error(`The entry of order ${orderId} is closed and cannot change`)
  return row
}

function numberOf(column: types.Long | null | undefined): number {
  return column?.toNumber() ?? 0
}

/** A number never written is null, and reads as 0. */
function orNull(number: number): number | null {
  return number === 0 ? null : number
}
