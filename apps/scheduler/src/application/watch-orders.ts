import type { Clock, ScheduleEntry } from '@quarry/domain'
import { isStopping, owesLater, type AnswerRequests } from './answer-requests.ts'
import { DueQueue } from './due-queue.ts'
import type { GiveUps } from './give-ups.ts'
import type { OwnedBucket } from './owned-bucket.ts'
import type { RecoverOrder } from './recover-order.ts'
import type { WatchedOrder } from './watched-order.ts'

/** The orders that are watched: where each stands, when it is due, and what is still to be done for it. */
export class WatchOrders {
  readonly due = new DueQueue()
  /** Cancelled orders whose refund is not confirmed yet. */
  readonly cancelling = new Set<WatchedOrder>()
  /** Orders of which nothing is due any more, and orders that can stop, until that is recorded. */
  readonly ending = new Set<WatchedOrder>()
  readonly #clock: Clock
  readonly #recover: RecoverOrder
  readonly #requests: AnswerRequests
  readonly #giveUps: GiveUps

  constructor(deps: { clock: Clock; recover: RecoverOrder; requests: AnswerRequests; giveUps: GiveUps }) {
    this.#clock = deps.clock
    this.#recover = deps.recover
    this.#requests = deps.requests
    this.#giveUps = deps.giveUps
  }

  /** It is ours no more. */
  forget(bucket: OwnedBucket): void {
    this.due.drop(bucket)
    for (const watched of bucket.awake.values()) {
      this.cancelling.delete(watched)
      this.ending.delete(watched)
    }
    this.#giveUps.forget(bucket)
  }

  /** Begins to watch an order, mending what its last owner left undone. */
  async adopt(bucket: OwnedBucket, entry: ScheduleEntry): Promise<void> {
    if (bucket.lost) return
    const watched = this.#recover.watch(entry, bucket)
    await this.#recover.emitUnsettled(watched)
    if (bucket.lost) return
    bucket.awake.set(entry.order.id, watched)
    await this.#settleIn(watched)
  }

  /** The entry is another than before, or new. */
  async update(bucket: OwnedBucket, entry: ScheduleEntry): Promise<void> {
    const watched = this.due.wake(bucket, entry.order.id)
    if (!watched) return entry.closed ? undefined : this.adopt(bucket, entry)
    watched.entry = entry
    watched.stopSent = false
    try {
      await this.#settleIn(watched)
    } catch (error) {
      // What is due does not wait until the answer can be given.
      if (!bucket.lost && !watched.stopSent) this.due.place(watched)
      throw error
    }
  }

  /** Puts an order that was taken out because it was due to its new place; one that stops waits only for what it owes. */
  putBack(watched: WatchedOrder): void {
    if (watched.bucket.lost) return
    if (isStopping(watched.entry)) this.#recover.aim(watched)
    this.due.place(watched)
  }

  /**
   * Takes note of an order's end, once nothing is due of it any more and nothing waits to be given up, and of one that
   * stops once it owes nothing more.
   */
  endIfAllEmitted(watched: WatchedOrder): void {
    if (this.#hasEnded(watched) || this.#canStop(watched)) this.ending.add(watched)
  }

  /** Records the end or stop of an order that is `ending`, if it still is one. */
  async finish(watched: WatchedOrder): Promise<void> {
    if (this.#canStop(watched)) await this.#settleIn(watched)
    if (this.#hasEnded(watched)) {
      await this.#requests.answer(watched, { kind: 'emitted-all' })
      this.#requests.tellCustomer(watched.entry)
    }
    this.ending.delete(watched)
  }

  #hasEnded(watched: WatchedOrder): boolean {
    const { state, order } = watched.entry
    if (state !== 'active' || (watched.nextRep < order.repetitions && watched.nextDueAt !== Infinity)) return false
    return !watched.bucket.lost && !this.#giveUps.has(watched)
  }

  #canStop(watched: WatchedOrder): boolean {
    return isStopping(watched.entry) && !owesLater(watched) && !watched.bucket.lost
  }

  /** Answers what the customer asked, and puts the order to its place in the heap. */
  async #settleIn(watched: WatchedOrder): Promise<void> {
    const before = watched.entry
    await this.#requests.bringForward(watched)
    // What was brought forward is due at another time now, also when a stop came in between.
    this.#recover.aim(watched)
    if (isStopping(watched.entry) && !watched.stopSent) {
      this.#recover.countInherited(watched)
      await this.#recover.emitDue(watched, this.#clock.now())
    }
    if (isStopping(watched.entry) && !owesLater(watched)) {
      watched.stopSent = true
      await this.#requests.stop(watched)
    }
    if (watched.bucket.lost) return
    this.#recover.aim(watched)
    this.due.place(watched)
    if (watched.entry.state === 'cancelling' && !isStopping(watched.entry)) this.cancelling.add(watched)
    if (watched.entry !== before) this.#requests.tellCustomer(watched.entry)
    this.endIfAllEmitted(watched)
  }
}
