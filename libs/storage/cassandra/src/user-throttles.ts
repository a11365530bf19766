import { hash32, type Instant } from '@quarry/domain'
import type { ThrottleState, ThrottleStore, ThrottleWrite } from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine } from './cassandra-engine.ts'

interface ThrottleRow {
  readonly failures: number
  readonly blocked_until: types.Long
  readonly version: number
}

const SHARDS = 16

/** Counters of guesses, one row each, with an index by the time of writing. */
export class UserThrottles implements ThrottleStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async throttle(key: string): Promise<ThrottleState | undefined> {
    const [row] = await this.#engine.readSerial<ThrottleRow>(
      'SELECT failures, blocked_until, version FROM sign_in_throttle WHERE key = ?',
      key,
    )
    return row && { failures: row.failures, blockedUntil: row.blocked_until.toNumber(), version: row.version }
  }

  async swapThrottle(key: string, expected: number, next: ThrottleWrite): Promise<boolean> {
    await this.#engine.write(
      'INSERT INTO sign_in_throttle_by_age (shard, written_at, key) VALUES (?, ?, ?)',
      hash32(key) % SHARDS,
      next.at,
      key,
    )
    const { applied } = await this.#engine.decide(
      expected === 0
        ? {
            query: `INSERT INTO sign_in_throttle (key, failures, blocked_until, version, written_at)
                    VALUES (?, ?, ?, 1, ?) IF NOT EXISTS`,
            params: [key, next.failures, next.blockedUntil, next.at],
          }
        : {
            query: `UPDATE sign_in_throttle SET failures = ?, blocked_until = ?, version = ?, written_at = ?
                    WHERE key = ? IF version = ?`,
            params: [next.failures, next.blockedUntil, expected + 1, next.at, key, expected],
          },
    )
    return applied
  }

  async forgetThrottles(before: Instant, limit: number): Promise<number> {
    let forgotten = 0
    let left = limit
    for (let shard = 0; shard < SHARDS && left > 0; shard++) {
      const rows = await this.#engine.read<{ written_at: types.Long; key: string }>(
        'SELECT written_at, key FROM sign_in_throttle_by_age WHERE shard = ? AND written_at < ? LIMIT ?',
        shard,
        before,
        left,
      )
      left -= rows.length
      for (const { written_at: writtenAt, key } of rows) {
        // Written again since: then it has a later row in the index.
        const { applied } = await this.#engine.decide({
          query: 'DELETE FROM sign_in_throttle WHERE key = ? IF written_at < ?',
          params: [key, before],
        })
        if (applied) forgotten++
        await this.#engine.write(
          'DELETE FROM sign_in_throttle_by_age WHERE shard = ? AND written_at = ? AND key = ?',
          shard,
          writtenAt,
          key,
        )
      }
    }
    return forgotten
  }
}
