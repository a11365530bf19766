import { hash32, type UserId } from '@quarry/domain'
import type { ListedAccount } from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'

const SHARDS = 16
/** After every text that begins with a prefix: no address has this character. */
const LAST = '\u{10ffff}'

/** The index of users by address. A row is written before the user it names, and taken before the user goes. */
export class AccountIndex {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async add(email: string, userId: UserId): Promise<void> {
    await this.#engine.write(
      'INSERT INTO account_by_email (shard, email, user_id) VALUES (?, ?, ?)',
      hash32(email) % SHARDS,
      email,
      userId,
    )
  }

  async remove(email: string, userId: UserId): Promise<void> {
    await this.#engine.write(
      'DELETE FROM account_by_email WHERE shard = ? AND email = ? AND user_id = ?',
      hash32(email) % SHARDS,
      email,
      userId,
    )
  }

  /** Up to `limit` rows of addresses that begin with `prefix` and come after `after`, by address. */
  async after(prefix: string, after: string, limit: number): Promise<readonly ListedAccount[]> {
    // Whatever begins with the prefix and comes after `after`: the later of the two bounds is the one that counts.
    const [bound, operator] = after >= prefix && after !== '' ? [after, '>'] : [prefix, '>=']
    const shards = await Promise.all(
      Array.from({ length: SHARDS }, (_, shard) =>
        this.#engine.read<{ email: string; user_id: string }>(
          `SELECT email, user_id FROM account_by_email
           WHERE shard = ? AND email ${operator} ? AND email < ? LIMIT ?`,
          shard,
          bound,
          prefix + LAST,
          limit,
        ),
      ),
    )
    return shards
      .flat()
      .map(({ email, user_id: userId }) => ({ email, userId }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.email), Buffer.from(b.email)))
      .slice(0, limit)
  }
}
