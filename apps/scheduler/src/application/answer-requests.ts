import { cancelRefundOf, newTraceparent, type Clock, type OwnerAnswer, type Random, type ScheduleEntry } from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import type { ScheduleStore } from '@quarry/storage-port'
import type { WatchedOrder } from './due-queue.ts'

/** The bucket belongs to somebody else now. */
export class LostBucket extends Error {
  override readonly name = 'LostBucket'
}

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

  /** Brings the watched order's entry up to date. Throws `LostBucket`. */
  async run(watched: WatchedOrder): Promise<void> {
    const before = watched.entry
    for (let rep = watched.nextRep; this.#wantsRunNow(watched, rep); rep++) {
      await this.answer(watched, { kind: 'brought-forward', rep, at: this.#clock.now() })
    }
    const { state, firstSkipped } = watched.entry
    if ((state === 'pausing' || state === 'cancelling') && firstSkipped === undefined) {
      await this.answer(watched, { kind: 'stopped', firstSkipped: watched.nextRep })
    }
    if (watched.entry.state === 'cancelling') {
      await this.#refund(watched.entry)
      await this.answer(watched, { kind: 'refunded' })
    }
    if (watched.entry !== before) this.tellCustomer(watched.entry)
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

  /** Confirmed on the settlement stream before the entry says `cancelled`: from then on the coins are on their way. */
  async #refund({ order, firstSkipped }: ScheduleEntry): Promise<void> {
    const transfer = cancelRefundOf(order, firstSkipped ?? order.repetitions, this.#clock.now())
    if (transfer === undefined) return
    await this.#bus.settlements.publish([{ v: 1, transfer, traceparent: newTraceparent(this.#random) }])
  }
}
