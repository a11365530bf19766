import { bucketsOf, CATCH_UP_GRACE_MS, type Bucket, type Clock, type Instant, type Shard } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { ResultStore, ScheduleStore } from '@quarry/storage-port'
import type { AnswerRequests } from './answer-requests.ts'
import { CloseSettledOrders } from './close-settled-orders.ts'
import { duesWhile, moveOn } from './due-queue.ts'
import type { EmitJobs } from './emit-jobs.ts'
import type { ExtendHorizon } from './extend-horizon.ts'
import type { GiveUps } from './give-ups.ts'
import { LostBucket } from './lost-bucket.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import { OwnedBuckets } from './owned-buckets.ts'
import type { RecoverOrder } from './recover-order.ts'
import type { TakeOverBuckets } from './take-over-buckets.ts'
import { WatchOrders } from './watch-orders.ts'
import type { WatchedOrder } from './watched-order.ts'

/** Orders emitted in one call to the queue. */
const EMIT_BATCH = 500
/** Repetitions of one order in one such call: a short interval must not keep the others waiting. */
const REPS_AT_ONCE = 20
const REFUND_BATCH = 200
/** Orders whose end is recorded before what is due meanwhile is emitted. */
const FINISH_BATCH = 128
/** Buckets claimed at once. */
const BUCKET_BATCH = 64
/** Buckets whose orders are loaded at once: as objects, before they are packed, a million orders are gigabytes. */
const LOAD_BATCH = 8
/** Orders recovered at once, before what is due meanwhile is emitted. */
const RECOVER_BATCH = 100

export interface KeepScheduleDeps {
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly queue: JobQueue
  readonly clock: Clock
  readonly takeOver: TakeOverBuckets
  readonly recover: RecoverOrder
  readonly extendHorizon: ExtendHorizon
  readonly requests: AnswerRequests
  readonly emit: EmitJobs
  readonly giveUps: GiveUps
}

/**
 * The scheduler's state machine: the buckets it owns, and all their orders in one heap by next due time. Its steps are
 * not to be run at the same time (but `publishRefunds` and `publishGiveUps`); `RunScheduler` takes care of that. Each step may die anywhere,
 * and may be repeated after it failed: jobs are emitted before the watermark says so, and every id is deterministic.
 */
export class KeepSchedule {
  readonly #deps: KeepScheduleDeps
  readonly #buckets: OwnedBuckets
  readonly #closeSettled: CloseSettledOrders
  readonly #watch: WatchOrders
  /** Buckets of our shard whose owner acts on a newer hand-out; looked at again in the next reread. */
  readonly #leftToNewer = new Set<Bucket>()
  /** Buckets whose watermark was not moved yet in this round. */
  #toMove: OwnedBucket[] = []
  #wanted: readonly Bucket[] = []
  #shard: Shard | undefined
  #queueIdentity: string | undefined

  constructor(deps: KeepScheduleDeps) {
    this.#deps = deps
    this.#closeSettled = new CloseSettledOrders(deps)
    this.#watch = new WatchOrders(deps)
    this.#buckets = new OwnedBuckets(deps, (bucket) => this.#watch.forget(bucket))
  }

  /** When the next repetition is due; `Infinity` when none is in sight. */
  get nextDueAt(): Instant {
    return this.#watch.due.nextDueAt
  }

  get ownedBuckets(): readonly Bucket[] {
    return this.#buckets.numbers
  }

  get shard(): Shard | undefined {
    return this.#shard
  }

  /** Orders that something is due of. */
  get watchedOrders(): number {
    return this.#watch.due.size
  }

  /** Repetitions wait for the results stream to take their failures. */
  get giveUpsWaiting(): boolean {
    return this.#deps.giveUps.waiting
  }

  get refundsWaiting(): boolean {
    return this.#watch.cancelling.size > 0
  }

  /**
   * Lets go of all buckets that are not the shard's; `takeOverSome` then takes those that are. A hand-out that is not newer
   * than the last is ignored.
   */
  async assign(shard: Shard): Promise<void> {
    if (this.#shard && shard.epoch <= this.#shard.epoch) return
    this.#shard = shard
    this.#wanted = bucketsOf(shard)
    this.#leftToNewer.clear()
    const wanted = new Set(this.#wanted)
    await this.#leave(this.#buckets.all.filter(({ bucket }) => !wanted.has(bucket)))
    await this.#buckets.dropLost(this.#buckets.all)
  }

  /** Takes over some of the buckets that are ours by the shard and not yet in fact; `true` when there are more. */
  async takeOverSome(): Promise<boolean> {
    const missing = this.#missing()
    if (!this.#shard || missing.length === 0) return false
    this.#queueIdentity ??= await this.#deps.queue.identity()
    const batch = missing.slice(0, BUCKET_BATCH)
    const taken = await this.#deps.takeOver.run(batch, this.#shard.epoch)
    const got = new Set(taken.map(({ bucket }) => bucket))
    for (const bucket of batch) if (!got.has(bucket)) this.#leftToNewer.add(bucket)
    for (let at = 0; at < taken.length; at += LOAD_BATCH) await this.#settleInto(taken.slice(at, at + LOAD_BATCH))
    return this.#missing().length > 0
  }

  /** Emits what is due by now, a batch of it; `true` when more is due at once. */
  async emitDue(): Promise<boolean> {
    const now = this.#deps.clock.now()
    const taken = this.#watch.due.takeDue(now, EMIT_BATCH)
    if (taken.length === 0) return false
    let mine: WatchedOrder[] = []
    try {
      mine = await this.#buckets.readyToEmit(taken, now)
      await this.#emitInTime(
        mine.filter(({ nextDueAt }) => nextDueAt > now - CATCH_UP_GRACE_MS),
        now,
      )
      for (const watched of mine) {
        if (watched.nextDueAt <= now - CATCH_UP_GRACE_MS) await this.#deps.recover.emitDue(watched, now)
      }
    } finally {
      for (const watched of taken) this.#watch.putBack(watched)
    }
    for (const watched of mine) this.#watch.endIfAllEmitted(watched)
    return this.#watch.due.nextDueAt <= now
  }

  /** Moves the watermarks of the buckets that emitted, never past anything that is due and was not emitted. */
  async moveWatermarks(): Promise<void> {
    while (await this.moveSomeWatermarks());
  }

  /** As `moveWatermarks`, for some of the buckets; `true` while this round has more. */
  async moveSomeWatermarks(): Promise<boolean> {
    if (this.#toMove.length === 0) this.#toMove = this.#buckets.all.filter(({ emitted }) => emitted)
    const upTo = this.#emittedUpTo()
    const batch = this.#toMove
      .splice(0, BUCKET_BATCH)
      .filter((bucket) => !bucket.lost && bucket.givingUp === 0 && bucket.watermark < upTo)
    await Promise.all(batch.map((bucket) => this.#buckets.guard(bucket, () => this.#moveWatermark(bucket, upTo))))
    return this.#toMove.length > 0
  }

  /** Orders have ended, and nobody said so yet. */
  get endsWaiting(): boolean {
    return this.#watch.ending.size > 0
  }

  /** Says of some orders that they ended; `true` when more have. */
  async finishSome(): Promise<boolean> {
    const batch = [...this.#watch.ending].slice(0, FINISH_BATCH)
    await this.#buckets.forEach(batch, (watched) => this.#watch.finish(watched))
    return this.endsWaiting
  }

  /** Reads what changed in a bucket, if it is ours. */
  async readChanges(bucketNumber: Bucket): Promise<void> {
    const bucket = this.#buckets.get(bucketNumber)
    if (!bucket) return
    await this.#buckets.guard(bucket, async () => {
      const { changes, entries } = await this.#deps.schedule.entriesChangedSince(bucketNumber, bucket.seenChanges)
      for (const entry of entries) await this.#watch.update(bucket, entry)
      bucket.seenChanges = changes
    })
  }

  /** Looks for changes that no hint told of, for buckets that were lost, and for ended orders not yet said to be. */
  async rereadAll(): Promise<void> {
    this.#leftToNewer.clear()
    const changed = await this.#buckets.dropLost(this.#buckets.all)
    for (const bucket of changed) await this.readChanges(bucket)
    for (const watched of this.#buckets.awake) {
      if (watched.nextDueAt === Infinity) this.#watch.endIfAllEmitted(watched)
    }
  }

  /** When the queue may have lost jobs, emits again whatever has no result. */
  async checkQueue(): Promise<void> {
    const identity = await this.#deps.queue.identity()
    if (identity === this.#queueIdentity) return
    for (const bucket of this.#buckets.all) {
      const orders = [...bucket.awake.values(), ...this.#watch.due.copiesOf(bucket)]
      await this.#inBatches(orders, async (watched) => {
        if (!bucket.lost) await this.#deps.recover.emitUnsettled(watched)
      })
      await this.emitDue()
    }
    this.#queueIdentity = identity
  }

  /** Closes ended orders whose every emitted repetition has its run row, some of them; `true` while there are more. */
  closeSettled(): Promise<boolean> {
    return this.#closeSettled.some(this.#buckets)
  }

  /**
   * Puts the refunds of cancelled orders on their way, a batch of them, for `confirmRefunds`. May run beside other steps: a
   * bus that does not answer then holds up refunds, not jobs.
   */
  async publishRefunds(): Promise<readonly WatchedOrder[]> {
    const batch = [...this.#watch.cancelling].slice(0, REFUND_BATCH)
    await this.#deps.requests.publishRefunds(batch.map(({ entry }) => entry))
    return batch
  }

  /** Hands failures of repetitions that are not to be tried to the results stream; may run beside other steps as well. */
  publishGiveUps(): Promise<void> {
    return this.#deps.giveUps.publish()
  }

  /** Records that the refunds of these orders are on their way for sure. */
  async confirmRefunds(published: readonly WatchedOrder[]): Promise<void> {
    for (const watched of published) {
      if (watched.bucket.lost) continue
      await this.#buckets.guard(watched.bucket, () => this.#deps.requests.answer(watched, { kind: 'refunded' }))
      this.#watch.cancelling.delete(watched)
      this.#deps.requests.tellCustomer(watched.entry)
    }
  }

  #missing(): Bucket[] {
    return this.#wanted.filter((bucket) => !this.#buckets.get(bucket) && !this.#leftToNewer.has(bucket))
  }

  #emittedUpTo(): Instant {
    return Math.min(this.#deps.clock.now(), this.#watch.due.nextDueAt - 1)
  }

  /** What is late by no more than the grace: the common case, in few calls to the queue. */
  async #emitInTime(due: readonly WatchedOrder[], now: Instant): Promise<void> {
    const batch = due.map((watched) => ({ watched, ...duesWhile(watched, ({ dueAt }) => dueAt <= now, REPS_AT_ONCE) }))
    for (const { watched, next } of batch) watched.maybeEmitted = Math.max(watched.maybeEmitted, next.rep)
    await this.#deps.emit.run(
      batch.flatMap(({ watched, dues }) => dues.map((one) => ({ order: watched.entry.order, ...one }))),
    )
    for (const { watched, next } of batch) moveOn(watched, next)
  }

  /** A claimed bucket counts as ours once all its orders are watched: no watermark may move before. */
  async #settleInto(taken: readonly OwnedBucket[]): Promise<void> {
    const failed = new Map<OwnedBucket, unknown>()
    const loaded = await Promise.all(taken.map((bucket) => this.#deps.takeOver.load(bucket)))
    const orders = loaded.flatMap((entries, at) => entries.map((entry) => ({ bucket: taken[at]!, entry })))
    await this.#inBatches(orders, async ({ bucket, entry }) => {
      if (failed.has(bucket)) return
      await this.#watch.adopt(bucket, entry).catch((error: unknown) => void failed.set(bucket, error))
    })
    for (const bucket of taken) {
      if (failed.has(bucket)) this.#buckets.drop(bucket)
      else this.#buckets.add(bucket)
    }
    for (const error of failed.values()) if (!(error instanceof LostBucket)) throw error
  }

  /** A long piece of work, in which what falls due meanwhile is not kept waiting. */
  async #inBatches<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += RECOVER_BATCH) {
      const outcomes = await Promise.allSettled(items.slice(at, at + RECOVER_BATCH).map(action))
      const failure = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failure) throw failure.reason
      if (at + RECOVER_BATCH < items.length) await this.emitDue()
    }
  }

  async #moveWatermark(bucket: OwnedBucket, upTo: Instant): Promise<void> {
    const moved = await this.#deps.schedule.advance(bucket.hold, upTo, bucket.seenChanges)
    if (moved.ok) {
      bucket.watermark = upTo
      bucket.emitted = false
    } else if (moved.error.kind === 'epoch-conflict') this.#buckets.drop(bucket)
    else await this.readChanges(bucket.bucket)
  }

  /** Moves the watermarks a last time, so that the next owner emits little again; without it, it only emits more. */
  async #leave(buckets: readonly OwnedBucket[]): Promise<void> {
    const upTo = this.#emittedUpTo()
    const { schedule } = this.#deps
    const emitted = buckets.filter((bucket) => bucket.emitted && bucket.givingUp === 0)
    for (const bucket of buckets) this.#buckets.drop(bucket)
    await Promise.allSettled(emitted.map(({ hold, seenChanges }) => schedule.advance(hold, upTo, seenChanges)))
  }
}
