import type { Clock, Instant } from '@quarry/domain'
import type { ResultStore } from '@quarry/storage-port'
import type { AnswerRequests } from './answer-requests.ts'
import type { OwnedBuckets } from './owned-buckets.ts'
import type { RecoverOrder } from './recover-order.ts'
import type { WatchedOrder } from './watched-order.ts'

const TOTALS_BATCH = 200
/** Between two looks for lost results of an order; what the bus had at the first is stored by the second, or will not be. */
const LOST_LOOK_MS = 60_000

/** What an order lacked when it was last looked at. */
interface Look {
  readonly at: Instant
  readonly overdue: ReadonlySet<number>
}

/**
 * Closes the ended orders whose every emitted repetition has its run row: nobody need load them any more. One whose result
 * was confirmed and yet lost, by a bus without its disk, would wait for ever: when its patience is long over it is given up.
 */
export class CloseSettledOrders {
  readonly #results: ResultStore
  readonly #requests: AnswerRequests
  readonly #recover: RecoverOrder
  readonly #clock: Clock
  readonly #looks = new WeakMap<WatchedOrder, Look>()
  /** Ended orders not looked at yet since the last round began. */
  #round: WatchedOrder[] = []

  constructor(deps: { results: ResultStore; requests: AnswerRequests; recover: RecoverOrder; clock: Clock }) {
    this.#recover = deps.recover
    this.#clock = deps.clock
    this.#results = deps.results
    this.#requests = deps.requests
  }

  /** Looks at some of them; `true` while this round has more. */
  async some(buckets: OwnedBuckets): Promise<boolean> {
    if (this.#round.length === 0)
      this.#round = buckets.awake.filter(({ entry }) => entry.state === 'finished' || entry.state === 'cancelled')
    const batch = this.#round.splice(0, TOTALS_BATCH)
    if (batch.length === 0) return false
    const totals = await this.#results.totals(batch.map((watched) => watched.entry.order.id))
    const settled = new Set(batch.filter((watched, n) => totals[n]!.delivered + totals[n]!.failed >= watched.nextRep))
    await buckets.forEach(batch, (watched) => (settled.has(watched) ? this.#close(watched) : this.#giveUpLost(watched)))
    return this.#round.length > 0
  }

  /** Gives up what was lacking at the look before, too. */
  async #giveUpLost(watched: WatchedOrder): Promise<void> {
    const before = this.#looks.get(watched)
    const at = this.#clock.now()
    if (before !== undefined && Math.abs(at - before.at) < LOST_LOOK_MS) return
    const overdue = await this.#recover.overdue(watched)
    this.#looks.set(watched, { at, overdue: new Set(overdue) })
    this.#recover.giveUp(
      watched,
      overdue.filter((rep) => before?.overdue.has(rep)),
    )
  }

  async #close(watched: WatchedOrder): Promise<void> {
    await this.#requests.answer(watched, { kind: 'settled' })
    watched.bucket.awake.delete(watched.entry.order.id)
    this.#requests.tellCustomer(watched.entry)
  }
}
