import type { ResultStore } from '@quarry/storage-port'
import type { AnswerRequests } from './answer-requests.ts'
import type { WatchedOrder } from './due-queue.ts'
import type { OwnedBuckets } from './owned-buckets.ts'

const TOTALS_BATCH = 200

/** Closes the ended orders whose every emitted repetition has its run row: nobody need load them any more. */
export class CloseSettledOrders {
  readonly #results: ResultStore
  readonly #requests: AnswerRequests

  constructor(deps: { results: ResultStore; requests: AnswerRequests }) {
    this.#results = deps.results
    this.#requests = deps.requests
  }

  async run(buckets: OwnedBuckets): Promise<void> {
    const ended = buckets.orders.filter(({ entry }) => entry.state === 'finished' || entry.state === 'cancelled')
    for (let at = 0; at < ended.length; at += TOTALS_BATCH) {
      const batch = ended.slice(at, at + TOTALS_BATCH)
      const totals = await this.#results.totals(batch.map((watched) => watched.entry.order.id))
      for (const [index, watched] of batch.entries()) {
        const { delivered, failed } = totals[index]!
        if (delivered + failed < watched.nextRep || watched.bucket.lost) continue
        await buckets.guard(watched.bucket, () => this.#close(watched))
      }
    }
  }

  async #close(watched: WatchedOrder): Promise<void> {
    await this.#requests.answer(watched, { kind: 'settled' })
    watched.bucket.orders.delete(watched.entry.order.id)
    this.#requests.tellCustomer(watched.entry)
  }
}
