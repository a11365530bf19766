import {
  CATCH_UP_GRACE_MS, catchUpRange, dueAt, firstRepAfter, planOf, type Clock, type Due, type Instant, type ScheduleEntry,
} from '@quarry/domain'
import type { ResultStore } from '@quarry/storage-port'
import { step, type WatchedOrder } from './due-queue.ts'
import type { EmitJobs, OrderDue } from './emit-jobs.ts'
import type { OwnedBucket } from './owned-bucket.ts'

const PAGE = 1000
/** More than any order can have in work within the longest patience. */
const MOST_UNSETTLED = 100_000

/**
 * Finds out where an order stands after its bucket was taken over or the queue lost its memory, and mends it: what was
 * emitted but never brought a result is emitted again, what fell due while nobody watched follows the catch-up rule.
 */
export class RecoverOrder {
  readonly #results: ResultStore
  readonly #emit: EmitJobs
  readonly #clock: Clock

  constructor(deps: { results: ResultStore; emit: EmitJobs; clock: Clock }) {
    this.#results = deps.results
    this.#emit = deps.emit
    this.#clock = deps.clock
  }

  /** The order as it goes on from the bucket's watermark; nothing is emitted yet. */
  watch(entry: ScheduleEntry, bucket: OwnedBucket): WatchedOrder {
    const plan = planOf(entry)
    const end = entry.firstSkipped ?? entry.order.repetitions
    const nextRep = entry.state === 'finished' ? end : Math.min(end, firstRepAfter(plan, bucket.watermark))
    const watched: WatchedOrder = { bucket, entry, nextRep, nextDueAt: Infinity, heapIndex: -1 }
    this.aim(watched)
    return watched
  }

  /** Sets when the next repetition is due; never for an order that is not running. */
  aim(watched: WatchedOrder): void {
    const { entry, nextRep } = watched
    const runs = entry.state === 'active' && nextRep < entry.order.repetitions
    watched.nextDueAt = runs ? dueAt(planOf(entry), nextRep) : Infinity
  }

  /**
   * Emits again whatever was emitted and has no run row; too old for the order's patience, it is given up. What the queue
   * still has it drops as known.
   */
  async emitUnsettled({ entry, nextRep }: WatchedOrder): Promise<void> {
    const { order } = entry
    const reps = nextRep === 0 ? [] : await this.#results.unsettled(order.id, nextRep, MOST_UNSETTLED)
    if (reps.length === 0) return
    const plan = planOf(entry)
    const now = this.#clock.now()
    const dues = reps.map((rep): OrderDue => ({ order, rep, dueAt: dueAt(plan, rep) }))
    const tooOld = (due: Due) => now - due.dueAt > order.patienceMs + CATCH_UP_GRACE_MS
    await this.#emit.run(dues.filter((due) => !tooOld(due)))
    await this.#emit.giveUp(dues.filter(tooOld), 'patience_over')
  }

  /** Emits all that is due by `now`, by the order's catch-up rule where it is late, and moves the order on past it. */
  async emitDue(watched: WatchedOrder, now: Instant): Promise<void> {
    const { order } = watched.entry
    const { runFrom, end } = catchUpRange({ rule: order.catchUp, plan: planOf(watched.entry), from: watched.nextRep, now })
    while (watched.nextRep < end) {
      const skip: OrderDue[] = []
      const run: OrderDue[] = []
      for (let n = 0; n < PAGE && watched.nextRep < end; n++) {
        const due = { order, rep: watched.nextRep, dueAt: watched.nextDueAt }
        ;(due.rep < runFrom ? skip : run).push(due)
        step(watched)
      }
      await this.#emit.giveUp(skip, 'missed')
      await this.#emit.run(run)
    }
  }
}
