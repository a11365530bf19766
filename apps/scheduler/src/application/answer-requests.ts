import {
  cancelRefundOf,
  newTraceparent,
  type Clock,
  type OwnerAnswer,
  type Random,
  type ScheduleEntry,
} from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import type { ScheduleStore } from '@quarry/storage-port'
import { LostBucket } from './lost-bucket.ts'
import type { WatchedOrder } from './watched-order.ts'

/**
 * Answers what customers asked of an order, as only the bucket's owner can: it alone knows which repetition it emits
 * next. Each step is fixed in the store before the next begins, so a crash between two is mended by the next owner.
 */
export class AnswerRequests {
  readonly #schedule: ScheduleStore
  readonly #bus: ResultBus
  readonly #live: LiveEvents
  readonly #clock: Clock
  readonly #random: Random

  constructor(deps: { schedule: ScheduleStore; bus: ResultBus; live: LiveEvents; clock: Clock; random: Random }) {
    this.#schedule = deps.schedule
    this.#bus = deps.bus
    this.#live = deps.live
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /** Answers every "run now": as many of the next repetitions become due at once. Throws `LostBucket`. */
  async bringForward(watched: WatchedOrder): Promise<void> {
    for (let rep = watched.nextRep; this.#wantsRunNow(watched, rep); rep++) {
      await this.answer(watched, { kind: 'brought-forward', rep, at: this.#clock.now() })
    }
  }

  /**
   * Says of a pause or cancel from where on nothing is emitted. To be called when every repetition that could have been
   * emitted was: a repetition both emitted and refunded by a cancel would cost its coin twice. Throws `LostBucket`.
   */
  async stop(watched: WatchedOrder): Promise<void> {
    if (isStopping(watched.entry)) await this.answer(watched, { kind: 'stopped', firstSkipped: watched.nextRep })
  }

  /** Records an answer and takes over the entry as stored. */
  async answer(watched: WatchedOrder, answer: OwnerAnswer): Promise<void> {
    const answered = await this.#schedule.answer(watched.bucket.hold, watched.entry.order.id, answer)
    if (answered.ok) watched.entry = answered.value
    else if (answered.error.kind === 'wrong-state') watched.entry = answered.error.entry
    else throw new LostBucket(`bucket ${watched.bucket.bucket}: ${answered.error.kind}`)
  }

  tellCustomer({ order }: ScheduleEntry): void {
    this.#live.publish(`user:${order.customerId}`, { kind: 'order-changed', orderId: order.id })
  }

  #wantsRunNow({ entry }: WatchedOrder, rep: number): boolean {
    return entry.state === 'active' && entry.runNow > 0 && rep < entry.order.repetitions
  }

  /**
   * Puts the coins that cancelled orders get back on their way. Resolves when they are confirmed on the settlement stream;
   * only then may an entry say `cancelled`. Repeating it changes nothing: the ids are the orders' own.
   */
  async publishRefunds(entries: readonly ScheduleEntry[]): Promise<void> {
    const transfers = entries.flatMap(({ order, firstSkipped }) =>
      firstSkipped === undefined ? [] : (cancelRefundOf(order, firstSkipped, this.#clock.now()) ?? []),
    )
    if (transfers.length === 0) return
    const traceparent = newTraceparent(this.#random)
    await this.#bus.settlements.publish(transfers.map((transfer) => ({ v: 1, transfer, traceparent })))
  }
}

/** The customer asked for a pause or cancel, and the owner has not said yet where it stops. */
export function isStopping({ state, firstSkipped }: ScheduleEntry): boolean {
  return (state === 'pausing' || state === 'cancelling') && firstSkipped === undefined
}

/**
 * A stopping order's next repetition is not due yet, and may all the same have been emitted by an earlier owner, by whose
 * clock it was: the stop cannot be answered before it is due.
 */
export function owesLater({ entry, nextRep, maybeEmitted }: WatchedOrder): boolean {
  return isStopping(entry) && nextRep < maybeEmitted
}
