import type { Instant, UserId } from '@quarry/domain'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'
import { dayOf } from './result-rows.ts'

export interface Orphan {
  readonly customerId: UserId
  readonly sha256: string
  readonly storedAt: Instant
}

/** A day's list is dropped so long after its last entry: no server's clock is that far behind. */
const DAYS_LISTED = 7
/** After every day there will be. */
const LAST_DAY = 100_000_000

/** What retention has to look at, by day: segments of logs, and bodies that perhaps nothing names. */
export class ResultDays {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  /** Must be confirmed before the segment has an entry. */
  async register(day: number, customerId: UserId, segment: number): Promise<void> {
    await Promise.all([
      this.#list(day),
      this.#engine.write(
        'INSERT INTO inbox_by_day (day, customer_id, segment) VALUES (?, ?, ?)',
        day,
        customerId,
        segment,
      ),
    ])
  }

  async noteOrphan(customerId: UserId, sha256: string, storedAt: Instant): Promise<void> {
    const day = dayOf(storedAt)
    await Promise.all([
      this.#list(day),
      this.#engine.write(
        'INSERT INTO orphan_body (day, customer_id, sha256, stored_at) VALUES (?, ?, ?, ?)',
        day,
        customerId,
        sha256,
        storedAt,
      ),
    ])
  }

  /** Days up to `last`, ascending. */
  async upTo(last: number): Promise<readonly number[]> {
    const rows = await this.#engine.read<{ day: number }>(
      'SELECT day FROM result_day WHERE part = 0 AND day <= ?',
      last,
    )
    return rows.map(({ day }) => day)
  }

  async segments(day: number): Promise<readonly { customerId: UserId; segment: number }[]> {
    const rows = await this.#engine.read<{ customer_id: string; segment: number }>(
      'SELECT customer_id, segment FROM inbox_by_day WHERE day = ?',
      day,
    )
    return rows.map(({ customer_id: customerId, segment }) => ({ customerId, segment }))
  }

  /** As `segments`, from a place on, in order. */
  async segmentsFrom(
    day: number,
    from: { customerId: UserId; segment: number },
    limit: number,
  ): Promise<readonly { customerId: UserId; segment: number }[]> {
    const rows = await this.#engine.read<{ customer_id: string; segment: number }>(
      'SELECT customer_id, segment FROM inbox_by_day WHERE day = ? AND (customer_id, segment) >= (?, ?) LIMIT ?',
      day,
      from.customerId,
      from.segment,
      limit,
    )
    return rows.map(({ customer_id: customerId, segment }) => ({ customerId, segment }))
  }

  async orphans(day: number): Promise<readonly Orphan[]> {
    const rows = await this.#engine.read<{ customer_id: string; sha256: string; stored_at: types.Long }>(
      'SELECT customer_id, sha256, stored_at FROM orphan_body WHERE day = ?',
      day,
    )
    return rows.map((row) => ({
      customerId: row.customer_id,
      sha256: row.sha256,
      storedAt: row.stored_at.toNumber(),
    }))
  }

  /** Of one customer, on whatever day. */
  async orphansOf(customerId: UserId): Promise<readonly Orphan[]> {
    const found: Orphan[] = []
    for (const day of await this.upTo(LAST_DAY)) {
      const rows = await this.#engine.read<{ sha256: string; stored_at: types.Long }>(
        'SELECT sha256, stored_at FROM orphan_body WHERE day = ? AND customer_id = ?',
        day,
        customerId,
      )
      found.push(...rows.map((row) => ({ customerId, sha256: row.sha256, storedAt: row.stored_at.toNumber() })))
    }
    return found
  }

  async dropSegment(day: number, customerId: UserId, segment: number): Promise<void> {
    await this.#engine.write(
      'DELETE FROM inbox_by_day WHERE day = ? AND customer_id = ? AND segment = ?',
      day,
      customerId,
      segment,
    )
  }

  async dropOrphan({ customerId, sha256, storedAt }: Orphan): Promise<void> {
    await this.#engine.write(
      'DELETE FROM orphan_body WHERE day = ? AND customer_id = ? AND sha256 = ?',
      dayOf(storedAt),
      customerId,
      sha256,
    )
  }

  /** Stops listing a day that has nothing left, once nobody can add to it. */
  async dropDay(day: number, before: Instant): Promise<void> {
    if (day < dayOf(before) - DAYS_LISTED)
      await this.#engine.write('DELETE FROM result_day WHERE part = 0 AND day = ?', day)
  }

  async #list(day: number): Promise<void> {
    await this.#engine.write('INSERT INTO result_day (part, day) VALUES (0, ?)', day)
  }
}
