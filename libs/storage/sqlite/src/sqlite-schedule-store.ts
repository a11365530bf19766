import {
  activateEntry,
  answerEntry,
  bucketOf,
  err,
  ok,
  requestChange,
  type Bucket,
  type EntryRequest,
  type Instant,
  type OrderId,
  type OwnerAnswer,
  type Result,
  type ScheduleEntry,
} from '@quarry/domain'
import type {
  BucketHold,
  BucketState,
  EntryNotFound,
  Epoch,
  EpochConflict,
  ScheduleStore,
  UnseenChanges,
  WrongEntryState,
} from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

interface BucketRow {
  readonly epoch: number
  readonly owner: string | null
  readonly watermark: number
  readonly horizon: number
  readonly changes: number
}

interface EntryRow {
  readonly json: string
}

/** A bucket's row and its entries; each call is one transaction, so the pure transitions decide on what is stored now. */
export class SqliteScheduleStore implements ScheduleStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  bucket(bucket: Bucket): Promise<BucketState> {
    return this.#engine.read(() => this.#bucket(bucket))
  }

  claim(bucket: Bucket, expected: Epoch, owner: string): Promise<Result<BucketState, EpochConflict>> {
    return this.#engine.write(() => {
      const state = this.#bucket(bucket)
      const conflict = staleEpoch(state, expected)
      if (conflict !== undefined) return err(conflict)
      return ok(this.#putBucket({ ...state, epoch: expected + 1, owner }))
    })
  }

  entries(bucket: Bucket): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }> {
    return this.#engine.snapshot((db) => ({
      changes: this.#bucket(bucket).changes,
      entries: db
        // By itself SQLite would read through the closed entries as well, which only ever grow in number.
        .prepare<EntryRow>(
          'SELECT json FROM schedule_entry INDEXED BY schedule_entry_open WHERE bucket = ? AND closed = 0',
        )
        .all(bucket)
        .map(parseEntry),
    }))
  }

  entriesChangedSince(
    bucket: Bucket,
    seenChanges: number,
  ): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }> {
    return this.#engine.snapshot((db) => ({
      changes: this.#bucket(bucket).changes,
      entries: db
        .prepare<EntryRow>('SELECT json FROM schedule_entry WHERE bucket = ? AND changed > ? ORDER BY changed')
        .all(bucket, seenChanges)
        .map(parseEntry),
    }))
  }

  find(orderId: OrderId): Promise<ScheduleEntry | undefined> {
    return this.#engine.read(() => this.#find(orderId))
  }

  findMany(orderIds: readonly OrderId[]): Promise<readonly (ScheduleEntry | undefined)[]> {
    return this.#engine.read(() => orderIds.map((orderId) => this.#find(orderId)))
  }

  activate(entry: ScheduleEntry, now: Instant): Promise<ScheduleEntry> {
    return this.#engine.write((db) => {
      const stored = this.#find(entry.order.id)
      if (stored !== undefined) return stored
      const state = this.#bucket(bucketOf(entry.order.id))
      const changes = this.#raiseChanges(state)
      const activated = activateEntry(entry, state.watermark, now)
      db.prepare('INSERT INTO schedule_entry (bucket, order_id, changed, closed, json) VALUES (?, ?, ?, ?, ?)').run(
        state.bucket,
        entry.order.id,
        changes,
        activated.closed ? 1 : 0,
        JSON.stringify(activated),
      )
      return activated
    })
  }

  request(orderId: OrderId, request: EntryRequest): Promise<Result<ScheduleEntry, EntryNotFound | WrongEntryState>> {
    return this.#engine.write(() => {
      const stored = this.#find(orderId)
      if (stored === undefined) return err({ kind: 'not-found' })
      const transition = requestChange(stored, request)
      if (!transition.ok) return transition
      const { entry, changed } = transition.value
      if (changed) this.#update(entry, this.#raiseChanges(this.#bucket(bucketOf(orderId))))
      return ok(entry)
    })
  }

  answer(
    hold: BucketHold,
    orderId: OrderId,
    answer: OwnerAnswer,
  ): Promise<Result<ScheduleEntry, EpochConflict | EntryNotFound | WrongEntryState>> {
    return this.#engine.write(() => {
      const conflict = staleEpoch(this.#bucket(hold.bucket), hold.epoch)
      if (conflict !== undefined) return err(conflict)
      const stored = hold.bucket === bucketOf(orderId) ? this.#find(orderId) : undefined
      if (stored === undefined) return err({ kind: 'not-found' })
      const transition = answerEntry(stored, answer)
      if (!transition.ok) return transition
      if (transition.value.changed) this.#update(transition.value.entry)
      return ok(transition.value.entry)
    })
  }

  extend(hold: BucketHold, horizon: Instant): Promise<Result<void, EpochConflict>> {
    return this.#engine.write(() => {
      const state = this.#bucket(hold.bucket)
      const conflict = staleEpoch(state, hold.epoch)
      if (conflict !== undefined) return err(conflict)
      if (horizon > state.horizon) this.#putBucket({ ...state, horizon })
      return ok(undefined)
    })
  }

  advance(
    hold: BucketHold,
    watermark: Instant,
    seenChanges: number,
  ): Promise<Result<void, EpochConflict | UnseenChanges>> {
    return this.#engine.write(() => {
      const state = this.#bucket(hold.bucket)
      const conflict = staleEpoch(state, hold.epoch)
      if (conflict !== undefined) return err(conflict)
      if (state.changes !== seenChanges) return err({ kind: 'unseen-changes', changes: state.changes })
      if (watermark > state.watermark) this.#putBucket({ ...state, watermark })
      return ok(undefined)
    })
  }

  async erase(orderId: OrderId): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('DELETE FROM schedule_entry WHERE bucket = ? AND order_id = ? AND closed = 1').run(
        bucketOf(orderId),
        orderId,
      )
    })
  }

  #bucket(bucket: Bucket): BucketState {
    const row = this.#engine
      .prepare<BucketRow>('SELECT epoch, owner, watermark, horizon, changes FROM bucket WHERE bucket = ?')
      .get(bucket)
    if (row === undefined) return { bucket, epoch: 0, watermark: 0, horizon: 0, changes: 0 }
    const { owner, ...numbers } = row
    return { bucket, ...numbers, ...(owner === null ? {} : { owner }) }
  }

  #putBucket(state: BucketState): BucketState {
    this.#engine
      .prepare('REPLACE INTO bucket (bucket, epoch, owner, watermark, horizon, changes) VALUES (?, ?, ?, ?, ?, ?)')
      .run(state.bucket, state.epoch, state.owner ?? null, state.watermark, state.horizon, state.changes)
    return state
  }

  #raiseChanges(state: BucketState): number {
    return this.#putBucket({ ...state, changes: state.changes + 1 }).changes
  }

  #find(orderId: OrderId): ScheduleEntry | undefined {
    const row = this.#engine
      .prepare<EntryRow>('SELECT json FROM schedule_entry WHERE bucket = ? AND order_id = ?')
      .get(bucketOf(orderId), orderId)
    return row === undefined ? undefined : parseEntry(row)
  }

  /** `changes` is given when the bucket's owner has to know of it. */
  #update(entry: ScheduleEntry, changes?: number): void {
    this.#engine
      .prepare(
        `UPDATE schedule_entry SET json = ?, closed = ?, changed = coalesce(?, changed)
         WHERE bucket = ? AND order_id = ?`,
      )
      .run(JSON.stringify(entry), entry.closed ? 1 : 0, changes ?? null, bucketOf(entry.order.id), entry.order.id)
  }
}

function staleEpoch(state: BucketState, epoch: Epoch): EpochConflict | undefined {
  return state.epoch === epoch ? undefined : { kind: 'epoch-conflict', epoch: state.epoch }
}

function parseEntry(row: EntryRow): ScheduleEntry {
  return JSON.parse(row.json) as ScheduleEntry
}
