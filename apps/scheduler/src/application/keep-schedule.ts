import { bucketsOf, CATCH_UP_GRACE_MS, type Bucket, type Clock, type Instant, type ScheduleEntry, type Shard } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { ResultStore, ScheduleStore } from '@quarry/storage-port'
import { LostBucket, type AnswerRequests } from './answer-requests.ts'
import { DueQueue, step, type WatchedOrder } from './due-queue.ts'
import type { EmitJobs, OrderDue } from './emit-jobs.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import type { RecoverOrder } from './recover-order.ts'
import type { TakeOverBuckets } from './take-over-buckets.ts'

/** Orders emitted in one call to the queue. */
const EMIT_BATCH = 500
const TOTALS_BATCH = 200

export interface KeepScheduleDeps {
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly queue: JobQueue
  readonly clock: Clock
  readonly takeOver: TakeOverBuckets
  readonly recover: RecoverOrder
  readonly requests: AnswerRequests
  readonly emit: EmitJobs
}

/**
 * The scheduler's state machine: the buckets it owns, and all their orders in one heap by next due time. Its steps are
 * not to be run at the same time; `RunScheduler` takes care of that. Each step may die anywhere: jobs are emitted before
 * the watermark says so, and every id is deterministic.
 */
export class KeepSchedule {
  readonly #deps: KeepScheduleDeps
  readonly #buckets = new Map<Bucket, OwnedBucket>()
  readonly #due = new DueQueue()
  #shard: Shard | undefined
  #queueIdentity: string | undefined

  constructor(deps: KeepScheduleDeps) {
    this.#deps = deps
  }

  /** When the next repetition is due; `Infinity` when none is in sight. */
  get nextDueAt(): Instant {
    return this.#due.nextDueAt
  }

  get ownedBuckets(): readonly Bucket[] {
    return [...this.#buckets.keys()]
  }

  get shard(): Shard | undefined {
    return this.#shard
  }

  get watchedOrders(): number {
    return this.#due.size
  }

  /** Takes the shard's buckets over and lets go of all others. A hand-out that is not newer than the last is ignored. */
  async assign(shard: Shard): Promise<void> {
    if (this.#shard && shard.epoch <= this.#shard.epoch) return
    this.#shard = shard
    const wanted = new Set(bucketsOf(shard))
    for (const bucket of this.#buckets.values()) {
      if (!wanted.has(bucket.bucket)) await this.#leave(bucket)
    }
    this.#queueIdentity ??= await this.#deps.queue.identity()
    const taken = await this.#deps.takeOver.run([...wanted].filter((bucket) => !this.#buckets.has(bucket)))
    for (const { bucket, entries } of taken) {
      this.#buckets.set(bucket.bucket, bucket)
      for (const entry of entries) await this.#guard(bucket, () => this.#adopt(bucket, entry))
    }
  }

  /** Emits everything due by now; `true` when more is due at once. */
  async emitDue(): Promise<boolean> {
    const now = this.#deps.clock.now()
    const due = this.#due.takeDue(now, EMIT_BATCH)
    try {
      await this.#emitInTime(due.filter((watched) => watched.nextDueAt > now - CATCH_UP_GRACE_MS))
      for (const watched of due) {
        if (watched.nextDueAt <= now - CATCH_UP_GRACE_MS) await this.#deps.recover.emitDue(watched, now)
      }
      for (const watched of due) watched.bucket.emitted = true
    } finally {
      for (const watched of due) this.#due.place(watched)
    }
    for (const watched of due) await this.#guard(watched.bucket, () => this.#finishIfAllEmitted(watched))
    return this.#due.nextDueAt <= now
  }

  /** Moves the watermarks of the buckets that emitted. To be called when nothing is due. */
  async moveWatermarks(): Promise<void> {
    const upTo = Math.min(this.#deps.clock.now(), this.#due.nextDueAt - 1)
    const emitted = [...this.#buckets.values()].filter((bucket) => bucket.emitted && bucket.watermark < upTo)
    await Promise.all(emitted.map((bucket) => this.#guard(bucket, () => this.#moveWatermark(bucket, upTo))))
  }

  /** Reads what changed in a bucket, if it is ours. */
  async readChanges(bucketNumber: Bucket): Promise<void> {
    const bucket = this.#buckets.get(bucketNumber)
    if (!bucket) return
    await this.#guard(bucket, async () => {
      const { changes, entries } = await this.#deps.schedule.entriesChangedSince(bucketNumber, bucket.seenChanges)
      for (const entry of entries) await this.#update(bucket, entry)
      bucket.seenChanges = changes
    })
  }

  /** Looks for changes that no hint told of, and for buckets that were lost. */
  async rereadAll(): Promise<void> {
    for (const bucket of [...this.#buckets.values()]) {
      const state = await this.#deps.schedule.bucket(bucket.bucket)
      if (state.epoch !== bucket.hold.epoch) this.#drop(bucket)
      else if (state.changes !== bucket.seenChanges) await this.readChanges(bucket.bucket)
    }
  }

  /** When the queue may have lost jobs, emits again whatever has no result. */
  async checkQueue(): Promise<void> {
    const identity = await this.#deps.queue.identity()
    if (identity === this.#queueIdentity) return
    for (const bucket of this.#buckets.values()) {
      for (const watched of bucket.orders.values()) await this.#deps.recover.emitUnsettled(watched)
    }
    this.#queueIdentity = identity
  }

  /** Closes the ended orders whose every emitted repetition has its run row. */
  async closeSettled(): Promise<void> {
    const ended = [...this.#buckets.values()].flatMap((bucket) =>
      [...bucket.orders.values()].filter(({ entry }) => entry.state === 'finished' || entry.state === 'cancelled'),
    )
    for (let at = 0; at < ended.length; at += TOTALS_BATCH) {
      const batch = ended.slice(at, at + TOTALS_BATCH)
      const totals = await this.#deps.results.totals(batch.map((watched) => watched.entry.order.id))
      for (const [index, watched] of batch.entries()) {
        const { delivered, failed } = totals[index]!
        if (delivered + failed < watched.nextRep) continue
        await this.#guard(watched.bucket, async () => {
          await this.#deps.requests.answer(watched, { kind: 'settled' })
          watched.bucket.orders.delete(watched.entry.order.id)
          this.#deps.requests.tellCustomer(watched.entry)
        })
      }
    }
  }

  /** A repetition each, all within the grace: the common case, in one call to the queue. */
  async #emitInTime(due: readonly WatchedOrder[]): Promise<void> {
    if (due.length === 0) return
    await this.#deps.emit.run(
      due.map((watched): OrderDue => ({ order: watched.entry.order, rep: watched.nextRep, dueAt: watched.nextDueAt })),
    )
    for (const watched of due) step(watched)
  }

  async #adopt(bucket: OwnedBucket, entry: ScheduleEntry): Promise<void> {
    const watched = this.#deps.recover.watch(entry, bucket)
    bucket.orders.set(entry.order.id, watched)
    await this.#deps.recover.emitUnsettled(watched)
    await this.#settleIn(watched)
  }

  async #update(bucket: OwnedBucket, entry: ScheduleEntry): Promise<void> {
    const watched = bucket.orders.get(entry.order.id)
    if (!watched) return entry.closed ? undefined : this.#adopt(bucket, entry)
    watched.entry = entry
    await this.#settleIn(watched)
  }

  /** Answers what the customer asked, and puts the order to its place in the heap. */
  async #settleIn(watched: WatchedOrder): Promise<void> {
    await this.#deps.requests.run(watched)
    this.#deps.recover.aim(watched)
    this.#due.place(watched)
    await this.#finishIfAllEmitted(watched)
  }

  async #finishIfAllEmitted(watched: WatchedOrder): Promise<void> {
    const { state, order } = watched.entry
    if (state !== 'active' || (watched.nextRep < order.repetitions && watched.nextDueAt !== Infinity)) return
    await this.#deps.requests.answer(watched, { kind: 'emitted-all' })
    this.#deps.requests.tellCustomer(watched.entry)
  }

  async #moveWatermark(bucket: OwnedBucket, upTo: Instant): Promise<void> {
    const moved = await this.#deps.schedule.advance(bucket.hold, upTo, bucket.seenChanges)
    if (moved.ok) {
      bucket.watermark = upTo
      bucket.emitted = false
    } else if (moved.error.kind === 'epoch-conflict') this.#drop(bucket)
    else await this.readChanges(bucket.bucket)
  }

  /** Moves the watermark a last time, so that the next owner emits little again. */
  async #leave(bucket: OwnedBucket): Promise<void> {
    await this.#guard(bucket, () => this.#moveWatermark(bucket, Math.min(this.#deps.clock.now(), this.#due.nextDueAt - 1)))
    this.#drop(bucket)
  }

  #drop(bucket: OwnedBucket): void {
    this.#buckets.delete(bucket.bucket)
    for (const watched of bucket.orders.values()) this.#due.remove(watched)
    bucket.orders.clear()
  }

  async #guard(bucket: OwnedBucket, action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!(error instanceof LostBucket)) throw error
      this.#drop(bucket)
    }
  }
}
