import type { ResultStore } from '@quarry/storage-port'
import type { AnswerRequests } from './answer-requests.ts'
import type { OwnedBuckets } from './owned-buckets.ts'
import type { WatchedOrder } from './watched-order.ts'

const TOTALS_BATCH = 200

/** Closes the ended orders whose every emitted repetition has its run row: nobody need load them any more. */
export class CloseSettledOrders {
  readonly #results: ResultStore
  readonly #requests: AnswerRequests
  /** Ended orders not looked at yet since the last round began. */
  #round: WatchedOrder[] = []

  constructor(deps: { results: ResultStore; requests: AnswerRequests }) {
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
    const settled = batch.filter((watched, n) => totals[n]!.delivered + totals[n]!.failed >= watched.nextRep)
    await buckets.forEach(settled, (watched) => this.#close(watched))
    return this.#round.length > 0
  }

  async #close(watched: WatchedOrder): Promise<void> {
    await this.#requests.answer(watched, { kind: 'settled' })
    watched.bucket.awake.delete(watched.entry.order.id)
    this.#requests.tellCustomer(watched.entry)
  }
}
