import type { OrderListQuery, OrderSummary, OrderView, PageView } from '@quarry/contracts'
import type { OrderId, UserId } from '@quarry/domain'
import { OrderRows, type OrderRow } from './order-rows.ts'
import type { ShowOrders } from './show-orders.ts'

/** A page's last row, so that the next one begins after it wherever it stands by then. */
interface Place {
  readonly key: number | string
  readonly id: OrderId
}

const NAME_KEY_LENGTH = 100
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Searches, filters, sorts and counts a customer's orders. */
export class ListOrders {
  readonly #rows: OrderRows
  readonly #show: ShowOrders

  constructor(deps: { rows: OrderRows; show: ShowOrders }) {
    this.#rows = deps.rows
    this.#show = deps.show
  }

  /**
   * A page of the orders that meet all conditions. Newest first without conditions is read from the store's own index, at any
   * number of orders; everything else from the newest `MOST_ROWS`. Cursors tell a row by its sort key: orders that come or
   * change neither repeat nor hide one that stays in its place.
   */
  async page(customerId: UserId, query: OrderListQuery): Promise<PageView<OrderView>> {
    const { after, limit, sort } = query
    const words = wordsOf(query.q)
    if (sort === 'newest' && words.length === 0 && query.state === undefined && query.tag === undefined) {
      return this.#show.ofCustomer(customerId, { limit, ...(after !== undefined && { after }) })
    }
    const { rows } = await this.#rows.of(customerId)
    const place = placeIn(after)
    const found = rows
      .filter((row) => meets(row, query, words))
      .map((row) => ({ row, place: placeOf(row, sort) }))
      .filter((each) => place === undefined || compare(each.place, place) > 0)
      .sort((a, b) => compare(a.place, b.place))
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const items = await this.#show.some(page.map(({ row }) => row.id))
    return { items, ...(found.length > limit && last && { next: cursorOf(last.place) }) }
  }

  /** To be told of a change that was made here, so that the next list shows it. */
  changed(customerId: UserId, orderId: OrderId): void {
    this.#rows.changed(customerId, orderId)
  }

  async summary(customerId: UserId): Promise<OrderSummary> {
    const { rows, more } = await this.#rows.of(customerId)
    const states: Partial<Record<OrderView['state'], number>> = {}
    const tags = new Map<string, number>()
    for (const row of rows) {
      states[row.state] = (states[row.state] ?? 0) + 1
      for (const tag of row.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1)
    }
    const used = [...tags].map(([tag, orders]) => ({ tag, orders }))
    used.sort((a, b) => b.orders - a.orders || collator.compare(a.tag, b.tag))
    return { total: rows.length, states, tags: used, more }
  }
}

function wordsOf(q: string | undefined): string[] {
  return folded(q ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function meets(row: OrderRow, query: OrderListQuery, words: readonly string[]): boolean {
  if (query.state !== undefined && row.state !== query.state) return false
  if (query.tag !== undefined && !row.tags.includes(query.tag)) return false
  if (words.length === 0) return true
  const text = folded(`${row.name} ${row.url} ${row.tags.join(' ')}`)
  return words.every((word) => text.includes(word))
}

/** Lower comes first. What has no next or last run comes last. */
function placeOf(row: OrderRow, sort: OrderListQuery['sort']): Place {
  switch (sort) {
    case 'newest':
      return { key: -row.createdAt, id: row.id }
    case 'next':
      return { key: row.nextDueAt ?? Number.MAX_SAFE_INTEGER, id: row.id }
    case 'last':
      return { key: row.lastRunAt === undefined ? 0 : -row.lastRunAt, id: row.id }
    case 'name':
      return { key: (row.name || row.url.replace(/^https?:\/\//, '')).slice(0, NAME_KEY_LENGTH), id: row.id }
  }
}

function compare(a: Place, b: Place): number {
  const byKey =
    typeof a.key === 'number' && typeof b.key === 'number' ? a.key - b.key : collator.compare(`${a.key}`, `${b.key}`)
  return byKey || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
}

function cursorOf({ key, id }: Place): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

/** Undefined for a cursor that no page gave: the list begins anew. */
function placeIn(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    return (typeof key === 'number' || typeof key === 'string') && typeof id === 'string' ? { key, id } : undefined
  } catch {
    return undefined
  }
}
