import type { Instant, Order, OrderId, UserId } from '@quarry/domain'
import type { OrderLabel, OrderStore, Page, PlacedOrder, PlacementState, SpendLimits } from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

interface OrderRow {
  readonly id: string
  readonly created_at: number
  readonly placement: number
  readonly json: string
  /** The `OrderLabel`, once it was changed. */
  readonly label: string | null
}

const placements: readonly PlacementState[] = ['placing', 'placed', 'rejected']
const PLACING = placements.indexOf('placing')

/** Orders as placed, one row each. */
export class SqliteOrderStore implements OrderStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  create(order: Order): Promise<PlacedOrder> {
    return this.#engine.write((db) => {
      const stored = this.#find(order.id)
      if (stored !== undefined) return stored
      db.prepare('INSERT INTO placed_order (id, customer_id, created_at, placement, json) VALUES (?, ?, ?, ?, ?)').run(
        order.id,
        order.customerId,
        order.createdAt,
        PLACING,
        JSON.stringify(order),
      )
      return { order, placement: 'placing' }
    })
  }

  settlePlacement(orderId: OrderId, placement: 'placed' | 'rejected'): Promise<PlacementState> {
    return this.#engine.write((db) => {
      const stored = this.#find(orderId)
      if (stored === undefined) throw new Error(`No order ${orderId} was created`)
      if (stored.placement !== 'placing') return stored.placement
      db.prepare('UPDATE placed_order SET placement = ? WHERE id = ?').run(placements.indexOf(placement), orderId)
      return placement
    })
  }

  find(orderId: OrderId): Promise<PlacedOrder | undefined> {
    return this.#engine.read(() => this.#find(orderId))
  }

  relabel(orderId: OrderId, label: OrderLabel): Promise<PlacedOrder | undefined> {
    return this.#engine.write((db) => {
      db.prepare('UPDATE placed_order SET label = ? WHERE id = ?').run(JSON.stringify(label), orderId)
      return this.#find(orderId)
    })
  }

  spendLimits(customerId: UserId): Promise<SpendLimits> {
    return this.#engine.read((db) => {
      const row = db.prepare<{ json: string }>('SELECT json FROM spend_limits WHERE customer_id = ?').get(customerId)
      return row === undefined ? {} : (JSON.parse(row.json) as SpendLimits)
    })
  }

  setSpendLimits(customerId: UserId, limits: SpendLimits): Promise<void> {
    return this.#engine.write((db) => {
      db.prepare('INSERT OR REPLACE INTO spend_limits (customer_id, json) VALUES (?, ?)').run(
        customerId,
        JSON.stringify(limits),
      )
    })
  }

  ofCustomer(customerId: UserId, page: { after?: string; limit: number }): Promise<Page<PlacedOrder>> {
    return this.#engine.read((db) => {
      const after = parseCursor(page.after)
      const rows = db
        .prepare<OrderRow>(
          `SELECT id, created_at, placement, json, label FROM placed_order
           WHERE customer_id = ? AND placement < 2 AND (created_at, id) < (?, ?)
           ORDER BY created_at DESC, id DESC LIMIT ?`,
        )
        .all(customerId, after.createdAt, after.id, page.limit + 1)
      const items = rows.slice(0, page.limit)
      const last = items.at(-1)
      return {
        items: items.map(placedOrder),
        ...(rows.length > page.limit && last !== undefined ? { next: `${last.created_at}:${last.id}` } : {}),
      }
    })
  }

  unplaced(before: Instant, limit: number): Promise<readonly Order[]> {
    return this.#engine.read((db) =>
      db
        .prepare<OrderRow>(
          `SELECT json FROM placed_order WHERE placement = 0 AND created_at < ? ORDER BY created_at, id LIMIT ?`,
        )
        .all(before, limit)
        .map((row) => JSON.parse(row.json) as Order),
    )
  }

  async erase(orderId: OrderId): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('DELETE FROM placed_order WHERE id = ? AND placement > 0').run(orderId)
    })
  }

  rejectedOf(customerId: UserId, limit: number): Promise<readonly OrderId[]> {
    return this.#engine.read((db) =>
      db
        .prepare<Pick<OrderRow, 'id'>>('SELECT id FROM placed_order WHERE customer_id = ? AND placement = 2 LIMIT ?')
        .all(customerId, limit)
        .map(({ id }) => id),
    )
  }

  #find(orderId: OrderId): PlacedOrder | undefined {
    const row = this.#engine
      .prepare<OrderRow>('SELECT id, created_at, placement, json, label FROM placed_order WHERE id = ?')
      .get(orderId)
    return row === undefined ? undefined : placedOrder(row)
  }
}

function placedOrder(row: OrderRow): PlacedOrder {
  return {
    order: JSON.parse(row.json) as Order,
    placement: placements[row.placement]!,
    ...(row.label === null ? {} : { label: JSON.parse(row.label) as OrderLabel }),
  }
}

/** A page's last order as `createdAt:id`; without one, or with one that no page gave, the list begins at its newest. */
function parseCursor(after: string | undefined): { createdAt: number; id: string } {
  const match = /^(\d{1,15}):(.+)$/.exec(after ?? '')
  return match ? { createdAt: Number(match[1]), id: match[2]! } : { createdAt: Number.MAX_SAFE_INTEGER, id: '' }
}
