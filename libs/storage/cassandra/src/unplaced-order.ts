import { hash32, type Instant, type Order } from '@quarry/domain'
import type { CassandraEngine } from './cassandra-engine.ts'
import { placeOf, type Place, type PlaceRow } from './order-by-customer.ts'

/** Rows come and go with every order placed: their tombstones spread over so many partitions. */
const SHARDS = 16

/** The orders that may still be placing, by age. */
export class UnplacedIndex {
  readonly shards: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard)
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async add({ id, createdAt }: Order): Promise<void> {
    await this.#engine.write(
      'INSERT INTO unplaced_order (shard, created_at, order_id) VALUES (?, ?, ?)',
      shardOf(id),
      createdAt,
      id,
    )
  }

  async remove({ id, createdAt }: Order): Promise<void> {
    await this.#engine.write(
      'DELETE FROM unplaced_order WHERE shard = ? AND created_at = ? AND order_id = ?',
      shardOf(id),
      createdAt,
      id,
    )
  }

  /** The shard's places before `end`, `rows` at a time. */
  async *oldestFirst(shard: number, end: Instant, rows: number): AsyncGenerator<readonly Place[]> {
    let after: Place = { createdAt: Number.MIN_SAFE_INTEGER, orderId: '' }
    while (true) {
      const found = await this.#engine.read<PlaceRow>(
        `SELECT created_at, order_id FROM unplaced_order
         WHERE shard = ? AND (created_at, order_id) > (?, ?) AND (created_at) < (?) LIMIT ?`,
        shard,
        after.createdAt,
        after.orderId,
        end,
        rows,
      )
      const places = found.map(placeOf)
      if (places.length > 0) yield places
      if (places.length < rows) return
      after = places[places.length - 1]!
    }
  }
}

function shardOf(orderId: string): number {
  return hash32(orderId) % SHARDS
}
