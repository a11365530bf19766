import {
  CATCH_UP_GRACE_MS,
  catchUpRange,
  dueAt,
  firstRepAfter,
  jobIdOf,
  planOf,
  type Clock,
  type Instant,
  type ScheduleEntry,
} from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { ResultStore } from '@quarry/storage-port'
import { duesWhile, moveOn } from './due-queue.ts'
import { isStopping, owesLater } from './answer-requests.ts'
import type { EmitJobs, OrderDue } from './emit-jobs.ts'
import type { ExtendHorizon } from './extend-horizon.ts'
import type { GiveUps } from './give-ups.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import type { WatchedOrder } from './watched-order.ts'

const PAGE = 1000
/** More than any order can have in work within the longest patience. */
const MOST_UNSETTLED = 100_000

/**
 * Finds out where an order stands after its bucket was taken over or the queue lost its memory, and mends it: what was
 * emitted but never brought a result is emitted again, what fell due while nobody watched follows the catch-up rule.
 */
export class RecoverOrder {
  readonly #results: ResultStore
  readonly #queue: JobQueue
  readonly #emit: EmitJobs
  readonly #extendHorizon: ExtendHorizon
  readonly #giveUps: GiveUps
  readonly #clock: Clock

  constructor(deps: {
    results: ResultStore
    queue: JobQueue
    emit: EmitJobs
    extendHorizon: ExtendHorizon
    giveUps: GiveUps
    clock: Clock
  }) {
    this.#results = deps.results
    this.#queue = deps.queue
    this.#emit = deps.emit
    this.#extendHorizon = deps.extendHorizon
    this.#giveUps = deps.giveUps
    this.#clock = deps.clock
  }

  /**
   * The order as it goes on; nothing is emitted yet. What an owner once said counts, not the watermark, which lags: below
   * `firstSkipped`, and of a finished order, everything was emitted.
   */
  watch(entry: ScheduleEntry, bucket: OwnedBucket): WatchedOrder {
    const { repetitions } = entry.order
    const emitted = entry.state === 'finished' ? repetitions : entry.firstSkipped
    const nextRep = emitted ?? Math.min(repetitions, firstRepAfter(planOf(entry), bucket.watermark))
    const watched = { bucket, entry, nextRep, nextDueAt: Infinity, maybeEmitted: nextRep }
    this.aim(watched)
    return watched
  }

  /** Sets when the next repetition is due; never for an order that is not running, and owes none. */
  aim(watched: WatchedOrder): void {
    const { entry, nextRep } = watched
    const runs = entry.state === 'active' ? nextRep < entry.order.repetitions : owesLater(watched)
    watched.nextDueAt = runs ? dueAt(planOf(entry), nextRep) : Infinity
  }

  /** Of an order that stops: whatever is due by the horizon of the owners before us may have been emitted by them. */
  countInherited(watched: WatchedOrder): void {
    const { bucket, entry } = watched
    const byThen = Math.min(entry.order.repetitions, firstRepAfter(planOf(entry), bucket.inheritedHorizon))
    watched.maybeEmitted = Math.max(watched.maybeEmitted, byThen)
  }

  /**
   * Emits again whatever was emitted and has no run row. What is too old for the order's patience is given up, unless the
   * queue still has it: it was emitted late, and its patience counts from then.
   */
  async emitUnsettled(watched: WatchedOrder): Promise<void> {
    const { young, old } = await this.#unsettled(watched)
    await this.#emit.again(young)
    this.giveUp(watched, await this.#notHeld(old))
  }

  /**
   * Emitted, without a run row, too old for the order's patience, and not in the queue: a result may be on its way to the
   * store. None before the newest is so old: an order that has just ended costs no reading.
   */
  async overdue(watched: WatchedOrder): Promise<readonly number[]> {
    const newest = dueAt(planOf(watched.entry), watched.nextRep - 1)
    if (newest < Infinity && newest >= this.#oldest(watched)) return []
    return this.#notHeld((await this.#unsettled(watched)).old)
  }

  /** Has repetitions refunded whose patience is over; `reps` ascend. */
  giveUp(watched: WatchedOrder, reps: readonly number[]): void {
    this.#giveUps.add(watched, reps, 'patience_over')
  }

  async #unsettled(watched: WatchedOrder): Promise<{ young: readonly OrderDue[]; old: readonly OrderDue[] }> {
    const { entry, nextRep } = watched
    const { order } = entry
    const reps = nextRep === 0 ? [] : await this.#results.unsettled(order.id, nextRep, MOST_UNSETTLED)
    if (reps.length === 0) return { young: [], old: [] }
    const plan = planOf(entry)
    const dues = reps
      .filter((rep) => !this.#giveUps.has(watched, rep))
      .map((rep): OrderDue => ({ order, rep, dueAt: dueAt(plan, rep) }))
      .filter((due) => due.dueAt < Infinity)
    const oldest = this.#oldest(watched)
    return { young: dues.filter((due) => due.dueAt >= oldest), old: dues.filter((due) => due.dueAt < oldest) }
  }

  /** What fell due before is too old for the order's patience. */
  #oldest({ entry }: WatchedOrder): Instant {
    return this.#clock.now() - entry.order.patienceMs - CATCH_UP_GRACE_MS
  }

  async #notHeld(dues: readonly OrderDue[]): Promise<readonly number[]> {
    if (dues.length === 0) return []
    const held = await this.#queue.holds(dues.map(({ order, rep }) => jobIdOf(order.id, rep)))
    return dues.filter((_, index) => !held[index]).map(({ rep }) => rep)
  }

  /**
   * Emits all that is due by `now`, by the order's catch-up rule where it is late, and moves the order on past it. Being late
   * runs nothing that the customer stopped meanwhile: of a stopping order, late repetitions are given up, whatever the rule.
   * Moves on only past what the queue has confirmed, so that a failure is tried again from there. Throws `LostBucket`.
   */
  async emitDue(watched: WatchedOrder, now: Instant): Promise<void> {
    const { bucket, entry, nextRep } = watched
    const { order } = entry
    const rule = isStopping(entry) ? 'none' : order.catchUp
    const { runFrom, end } = catchUpRange({ rule, plan: planOf(entry), from: nextRep, now })
    if (end > nextRep) await this.#extendHorizon.run(bucket, now)
    for (;;) {
      const { dues, next } = duesWhile(watched, ({ rep }) => rep < end, PAGE)
      if (dues.length === 0) return
      watched.maybeEmitted = Math.max(watched.maybeEmitted, next.rep)
      await this.#emit.run(dues.filter(({ rep }) => rep >= runFrom).map((due): OrderDue => ({ order, ...due })))
      const missed = dues.filter(({ rep }) => rep < runFrom).map(({ rep }) => rep)
      this.#giveUps.add(watched, missed, 'missed')
      moveOn(watched, next)
    }
  }
}
