import type { Instant, Order, OrderId, UserId } from '@quarry/domain'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

/** Where an index says that an order is. */
export interface Place {
  readonly createdAt: Instant
  readonly orderId: OrderId
}

/** An index row as the driver gives it. */
export interface PlaceRow {
  readonly created_at: types.Long
  readonly order_id: string
}

/** A customer's orders by the time they were placed, a partition for each month, so that none grows for ever. */
export class CustomerIndex {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async add({ id, customerId, createdAt }: Order): Promise<void> {
    const month = monthOf(createdAt)
    await Promise.all([
      this.#engine.write('INSERT INTO order_month (customer_id, month) VALUES (?, ?)', customerId, month),
      this.#engine.write(
        'INSERT INTO order_by_customer (customer_id, month, created_at, order_id) VALUES (?, ?, ?, ?)',
        customerId,
        month,
        createdAt,
        id,
      ),
    ])
  }

  async remove({ id, customerId, createdAt }: Order): Promise<void> {
    await this.#engine.write(
      'DELETE FROM order_by_customer WHERE customer_id = ? AND month = ? AND created_at = ? AND order_id = ?',
      customerId,
      monthOf(createdAt),
      createdAt,
      id,
    )
  }

  /** The places before `from`, `rows` at a time. */
  async *newestFirst(customerId: UserId, from: Place, rows: number): AsyncGenerator<readonly Place[]> {
    const months = await this.#engine.read<{ month: number }>(
      'SELECT month FROM order_month WHERE customer_id = ? AND month <= ?',
      customerId,
      monthOf(from.createdAt),
    )
    for (const { month } of months) {
      let before = from
      while (true) {
        const places = await this.#before({ customerId, month }, before, rows)
        if (places.length > 0) yield places
        if (places.length < rows) break
        before = places[places.length - 1]!
      }
    }
  }

  async #before(
    { customerId, month }: { customerId: UserId; month: number },
    before: Place,
    rows: number,
  ): Promise<readonly Place[]> {
    const found = await this.#engine.read<PlaceRow>(
      `SELECT created_at, order_id FROM order_by_customer
       WHERE customer_id = ? AND month = ? AND (created_at, order_id) < (?, ?) LIMIT ?`,
      customerId,
      month,
      before.createdAt,
      before.orderId,
      rows,
    )
    return found.map(placeOf)
  }
}

export function placeOf(row: PlaceRow): Place {
  return { createdAt: row.created_at.toNumber(), orderId: row.order_id }
}

/** Months of UTC, counted through the years; whatever lies beyond the calendar counts as its end. */
function monthOf(at: Instant): number {
  const date = new Date(Math.min(at, 8.64e15))
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
