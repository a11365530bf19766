import type { Instant, Order, OrderId, UserId } from '@quarry/domain'
import type { OrderLabel, OrderStore, Page, PlacedOrder, PlacementState, SpendLimits } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { CustomerIndex, type Place } from './order-by-customer.ts'
import { UnplacedIndex } from './unplaced-order.ts'

interface OrderRow {
  readonly placement: number
  readonly json: string
  /** The `OrderLabel`, once it was changed. */
  readonly label: string | null
}

const placements: readonly PlacementState[] = ['placing', 'placed', 'rejected']
const PLACING = placements.indexOf('placing')
/** Index rows read at a time, at least: an index may name orders that do not count. */
const LEAST_ROWS = 20

/**
 * Orders as placed. The index rows are written before the order, so that an order once stored is found in every way;
 * what a crash or a lost race leaves in an index names no such order, and readers skip it.
 */
export class CassandraOrderStore implements OrderStore {
  readonly #engine: CassandraEngine
  readonly #byCustomer: CustomerIndex
  readonly #unplaced: UnplacedIndex

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#byCustomer = new CustomerIndex(engine)
    this.#unplaced = new UnplacedIndex(engine)
  }

  async create(order: Order): Promise<PlacedOrder> {
    const known = await this.find(order.id)
    if (known !== undefined) return known
    await Promise.all([this.#byCustomer.add(order), this.#unplaced.add(order)])
    const { applied, rows } = await this.#engine.decide<OrderRow>({
      query: 'INSERT INTO placed_order (order_id, placement, json) VALUES (?, ?, ?) IF NOT EXISTS',
      params: [order.id, PLACING, JSON.stringify(order)],
    })
    return applied ? { order, placement: 'placing' } : placedOrder(rows[0]!)
  }

  async settlePlacement(orderId: OrderId, placement: 'placed' | 'rejected'): Promise<PlacementState> {
    const known = await this.find(orderId)
    if (known === undefined) throw new Error(`No order ${orderId} was created`)
    const final = known.placement === 'placing' ? await this.#decidePlacement(orderId, placement) : known.placement
    // A death before this leaves rows that readers skip, and that a repetition takes away.
    await this.#unplaced.remove(known.order)
    if (final === 'rejected') {
      await this.#noteRejected(known.order)
      await this.#byCustomer.remove(known.order)
    }
    return final
  }

  async find(orderId: OrderId): Promise<PlacedOrder | undefined> {
    const [row] = await this.#engine.read<OrderRow>(
      'SELECT placement, json, label FROM placed_order WHERE order_id = ?',
      orderId,
    )
    return row === undefined ? undefined : placedOrder(row)
  }

  async relabel(orderId: OrderId, label: OrderLabel): Promise<PlacedOrder | undefined> {
    const { applied } = await this.#engine.decide({
      query: 'UPDATE placed_order SET label = ? WHERE order_id = ? IF EXISTS',
      params: [JSON.stringify(label), orderId],
    })
    return applied ? this.find(orderId) : undefined
  }

  async spendLimits(customerId: UserId): Promise<SpendLimits> {
    const [row] = await this.#engine.read<{ json: string }>(
      'SELECT json FROM spend_limits WHERE customer_id = ?',
      customerId,
    )
    return row === undefined ? {} : (JSON.parse(row.json) as SpendLimits)
  }

  async setSpendLimits(customerId: UserId, limits: SpendLimits): Promise<void> {
    await this.#engine.write(
      'INSERT INTO spend_limits (customer_id, json) VALUES (?, ?)',
      customerId,
      JSON.stringify(limits),
    )
  }

  async ofCustomer(customerId: UserId, page: { after?: string; limit: number }): Promise<Page<PlacedOrder>> {
    const found: PlacedOrder[] = []
    const wanted = page.limit + 1
    for await (const places of this.#byCustomer.newestFirst(customerId, parseCursor(page.after), wanted + LEAST_ROWS)) {
      for (const placed of await this.#at(places)) {
        if (placed.order.customerId === customerId && placed.placement !== 'rejected') found.push(placed)
      }
      if (found.length >= wanted) break
    }
    const items = found.slice(0, page.limit)
    const last = items.at(-1)
    const next = found.length > page.limit && last !== undefined && `${last.order.createdAt}:${last.order.id}`
    return { items, ...(next === false ? {} : { next }) }
  }

  async unplaced(before: Instant, limit: number): Promise<readonly Order[]> {
    const found = this.#unplaced.shards.map(async (shard) => {
      const orders: Order[] = []
      for await (const places of this.#unplaced.oldestFirst(shard, before, limit + LEAST_ROWS)) {
        const [placing, settled] = parted(await this.#at(places), ({ placement }) => placement === 'placing')
        orders.push(...placing.map(({ order }) => order))
        await Promise.all(settled.map(({ order }) => this.#unplaced.remove(order)))
        if (orders.length >= limit) break
      }
      return orders
    })
    return (await Promise.all(found)).flat().sort(byAge).slice(0, limit)
  }

  /** The order first, which is what it is about; the rows that only name it tell nobody anything. */
  async erase(orderId: OrderId): Promise<void> {
    const known = await this.find(orderId)
    if (known === undefined || known.placement === 'placing') return
    await this.#engine.decide({ query: 'DELETE FROM placed_order WHERE order_id = ? IF EXISTS', params: [orderId] })
    await this.#byCustomer.remove(known.order)
    await this.#engine.write(
      'DELETE FROM rejected_order WHERE customer_id = ? AND order_id = ?',
      known.order.customerId,
      orderId,
    )
  }

  async rejectedOf(customerId: UserId, limit: number): Promise<readonly OrderId[]> {
    const rows = await this.#engine.read<{ order_id: string }>(
      'SELECT order_id FROM rejected_order WHERE customer_id = ? LIMIT ?',
      customerId,
      limit,
    )
    const stored = await Promise.all(rows.map((row) => this.find(row.order_id)))
    return stored.flatMap((placed) => (placed === undefined ? [] : [placed.order.id]))
  }

  async #noteRejected({ customerId, id }: Order): Promise<void> {
    await this.#engine.write('INSERT INTO rejected_order (customer_id, order_id) VALUES (?, ?)', customerId, id)
  }

  async #decidePlacement(orderId: OrderId, placement: 'placed' | 'rejected'): Promise<PlacementState> {
    const { applied, rows } = await this.#engine.decide<Pick<OrderRow, 'placement'>>({
      query: 'UPDATE placed_order SET placement = ? WHERE order_id = ? IF placement = ?',
      params: [placements.indexOf(placement), orderId, PLACING],
    })
    return applied ? placement : placements[rows[0]!.placement]!
  }

  /** The orders that are really there, at the places that an index tells. */
  async #at(places: readonly Place[]): Promise<PlacedOrder[]> {
    const stored = await Promise.all(places.map(({ orderId }) => this.find(orderId)))
    return stored.filter((placed, index): placed is PlacedOrder => placed?.order.createdAt === places[index]!.createdAt)
  }
}

function placedOrder(row: OrderRow): PlacedOrder {
  return {
    order: JSON.parse(row.json) as Order,
    placement: placements[row.placement]!,
    ...(typeof row.label === 'string' && { label: JSON.parse(row.label) as OrderLabel }),
  }
}

/** A page's last order as `createdAt:id`; without one, or with one that no page gave, the list begins at its newest. */
function parseCursor(after: string | undefined): Place {
  const match = /^(\d{1,15}):(.+)$/.exec(after ?? '')
  return match
    ? { createdAt: Number(match[1]), orderId: match[2]! }
    : { createdAt: Number.MAX_SAFE_INTEGER, orderId: '' }
}

function byAge(a: Order, b: Order): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
}

function parted<T>(all: readonly T[], counts: (each: T) => boolean): [T[], T[]] {
  return [all.filter(counts), all.filter((each) => !counts(each))]
}
