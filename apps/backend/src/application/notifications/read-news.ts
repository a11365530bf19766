import {
  eventsOfRun,
  RUNS_LOOKED_BACK,
  type Instant,
  type Order,
  type OrderId,
  type UserId,
  type WebhookEventType,
} from '@quarry/domain'
import type { InboxEntry, Note, OrderStore, ResultStore, ScheduleStore } from '@quarry/storage-port'
import { finishedNews, lowBalanceNews, pausedNews, runNews, type News } from './news.ts'

export interface ReadNewsDeps {
  readonly results: ResultStore
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
}

/** What somebody wants to hear, and of what. */
export interface Wanted {
  readonly types: readonly WebhookEventType[]
  readonly missesInARow: number
}

export interface NewsPage {
  readonly news: readonly News[]
  /** The last entry that was read; absent when there was none. */
  readonly cursor?: string
  /** Entries read: as many as asked for when there may be more. */
  readonly entries: number
}

/**
 * Makes news of a customer's inbox, the durable log of all runs in the order of their arrival. Reading on from the same
 * place makes the same news with the same ids, so nobody has to write down what is still to be told.
 */
export class ReadNews {
  readonly #deps: ReadNewsDeps

  constructor(deps: ReadNewsDeps) {
    this.#deps = deps
  }

  async ofInbox(
    customerId: UserId,
    from: { after?: string; since: Instant; limit: number },
    wanted: Wanted,
  ): Promise<NewsPage> {
    const entries = await this.#deps.results.inbox(customerId, from)
    const orders = new Map<OrderId, Order | undefined>()
    const news: News[] = []
    for (const entry of entries) {
      const { orderId } = entry.run
      if (!orders.has(orderId)) orders.set(orderId, (await this.#deps.orders.find(orderId))?.order)
      const order = orders.get(orderId)
      news.push(...(await this.#ofRun(entry, order?.name ?? '', wanted)))
      if (order && wanted.types.includes('order.finished')) news.push(...(await this.#ofEnd(entry, order)))
    }
    const last = entries.at(-1)
    return { news, entries: entries.length, ...(last && { cursor: last.cursor }) }
  }

  /** A note whose pause was never carried out, or taken back before anybody looked, is no news. */
  async ofNote(note: Note): Promise<News | undefined> {
    const { news } = note
    if (news.type === 'balance.low') return lowBalanceNews({ ...note, news })
    if (news.type === 'endpoint.disabled') return undefined
    const [entry] = await this.#deps.schedule.findMany([news.orderId])
    const isPaused = entry?.state === 'paused' || entry?.state === 'pausing'
    return isPaused ? pausedNews(entry.order, { ...note, news }) : undefined
  }

  async #ofRun({ run, storedAt }: InboxEntry, name: string, { types, missesInARow }: Wanted): Promise<News[]> {
    const looksBack = types.includes('run.changed') || types.includes('run.failed')
    const limit = Math.max(RUNS_LOOKED_BACK, missesInARow)
    const earlier =
      looksBack && run.rep > 0
        ? (await this.#deps.results.runsOf(run.orderId, { after: String(run.rep), limit })).items
        : []
    return eventsOfRun(run, earlier, missesInARow)
      .filter((type) => types.includes(type))
      .map((type) => runNews(type, run, { name, missesInARow, at: storedAt }))
  }

  /** An order is finished with the last of its runs to arrive, whichever repetition that is. */
  async #ofEnd({ run, cursor, storedAt }: InboxEntry, order: Order): Promise<News[]> {
    const [totals] = await this.#deps.results.totals([order.id])
    if (!totals || totals.delivered + totals.failed < order.repetitions) return []
    const later = await this.#deps.results.inbox(run.customerId, { after: cursor, orderId: order.id, limit: 1 })
    return later.length > 0 ? [] : [finishedNews(order, totals, storedAt)]
  }
}
