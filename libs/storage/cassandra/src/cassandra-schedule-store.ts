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
import type { CassandraEngine } from './cassandra-engine.ts'
import { Turns, untilDecided } from './lost-races.ts'
import { ScheduleRows } from './schedule-rows.ts'

/**
 * A bucket's state and its open entries share a partition. Each change is decided by the domain's pure transitions on what
 * was read, and written under the condition that it is still so; whoever loses such a race reads again.
 */
export class CassandraScheduleStore implements ScheduleStore {
  readonly #rows: ScheduleRows
  /** Paxos answers rivals slowly: within this process the writes of a bucket wait for each other instead. */
  readonly #turns = new Turns()

  constructor(engine: CassandraEngine) {
    this.#rows = new ScheduleRows(engine)
  }

  bucket(bucket: Bucket): Promise<BucketState> {
    return this.#rows.bucket(bucket)
  }

  async claim(bucket: Bucket, expected: Epoch, owner: string): Promise<Result<BucketState, EpochConflict>> {
    const won = await this.#rows.claim(bucket, expected, owner)
    const state = await this.#rows.bucket(bucket)
    // Claimed again since: the winner has been the owner, and learns of its loss by its first call.
    if (won) return ok({ ...state, epoch: expected + 1, owner })
    return err({ kind: 'epoch-conflict', epoch: state.epoch })
  }

  entries(bucket: Bucket): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }> {
    return this.#rows.open(bucket)
  }

  async entriesChangedSince(
    bucket: Bucket,
    seenChanges: number,
  ): Promise<{ readonly changes: number; readonly entries: readonly ScheduleEntry[] }> {
    const { changes, orderIds } = await this.#rows.changedSince(bucket, seenChanges)
    const entries = await this.findMany(orderIds)
    return { changes, entries: entries.filter((entry) => entry !== undefined) }
  }

  async find(orderId: OrderId): Promise<ScheduleEntry | undefined> {
    return (await this.#rows.find(orderId))?.entry
  }

  findMany(orderIds: readonly OrderId[]): Promise<readonly (ScheduleEntry | undefined)[]> {
    return Promise.all(orderIds.map((orderId) => this.find(orderId)))
  }

  activate(entry: ScheduleEntry, now: Instant): Promise<ScheduleEntry> {
    const bucket = bucketOf(entry.order.id)
    return this.#decide(bucket, async () => {
      const state = await this.#rows.bucket(bucket)
      const stored = await this.#rows.find(entry.order.id)
      if (stored !== undefined) return stored.entry
      const activated = activateEntry(entry, state.watermark, now)
      return (await this.#rows.add(state, activated)) ? activated : undefined
    })
  }

  request(orderId: OrderId, request: EntryRequest): Promise<Result<ScheduleEntry, EntryNotFound | WrongEntryState>> {
    const bucket = bucketOf(orderId)
    return this.#decide(bucket, async () => {
      const { changes } = await this.#rows.bucket(bucket)
      const stored = await this.#rows.find(orderId)
      if (stored === undefined) return err({ kind: 'not-found' })
      const transition = requestChange(stored.entry, request)
      if (!transition.ok) return transition
      const { entry, changed } = transition.value
      return !changed || (await this.#rows.change(stored, entry, changes)) ? ok(entry) : undefined
    })
  }

  answer(
    hold: BucketHold,
    orderId: OrderId,
    answer: OwnerAnswer,
  ): Promise<Result<ScheduleEntry, EpochConflict | EntryNotFound | WrongEntryState>> {
    return this.#decide(hold.bucket, async () => {
      const conflict = staleEpoch(await this.#rows.bucket(hold.bucket), hold.epoch)
      if (conflict !== undefined) return err(conflict)
      const stored = hold.bucket === bucketOf(orderId) ? await this.#rows.find(orderId) : undefined
      if (stored === undefined) return err({ kind: 'not-found' })
      const transition = answerEntry(stored.entry, answer)
      if (!transition.ok) return transition
      const { entry, changed } = transition.value
      return !changed || (await this.#rows.settle(stored, entry, hold)) ? ok(entry) : undefined
    })
  }

  extend(hold: BucketHold, horizon: Instant): Promise<Result<void, EpochConflict>> {
    return this.#decide(hold.bucket, async () => {
      if (await this.#rows.extend(hold, horizon)) return ok(undefined)
      const state = await this.#rows.bucket(hold.bucket)
      const conflict = staleEpoch(state, hold.epoch)
      if (conflict !== undefined) return err(conflict)
      return horizon <= state.horizon ? ok(undefined) : undefined
    })
  }

  /** One condition decides it all while the bucket is as its owner thinks; only a refusal needs a look at why. */
  advance(
    hold: BucketHold,
    watermark: Instant,
    seenChanges: number,
  ): Promise<Result<void, EpochConflict | UnseenChanges>> {
    return this.#decide(hold.bucket, async () => {
      if (await this.#rows.advance(hold, watermark, seenChanges)) return ok(undefined)
      const state = await this.#rows.bucket(hold.bucket)
      const conflict = staleEpoch(state, hold.epoch)
      if (conflict !== undefined) return err(conflict)
      if (state.changes !== seenChanges) return err({ kind: 'unseen-changes', changes: state.changes })
      return watermark <= state.watermark ? ok(undefined) : undefined
    })
  }

  erase(orderId: OrderId): Promise<void> {
    return this.#rows.eraseClosed(orderId)
  }

  #decide<T>(bucket: Bucket, attempt: () => Promise<T | undefined>): Promise<T> {
    return this.#turns.take(bucket, () => untilDecided(`bucket ${bucket}`, attempt))
  }
}

function staleEpoch(state: BucketState, epoch: Epoch): EpochConflict | undefined {
  return state.epoch === epoch ? undefined : { kind: 'epoch-conflict', epoch: state.epoch }
}
