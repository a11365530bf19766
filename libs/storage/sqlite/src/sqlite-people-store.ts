import { err, ok, type Day, type Nickname, type Result, type UserId } from '@quarry/domain'
import {
  MOST_MEMBERS,
  type Earned,
  type Member,
  type NicknameTaken,
  type PeopleStore,
  type UserEarned,
} from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

/** Members of the leaderboard, one row each, and sums of what was earned. */
export class SqlitePeopleStore implements PeopleStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  join(userId: UserId, { shown, folded }: Nickname): Promise<Result<void, NicknameTaken>> {
    return this.#engine.write((db) => {
      const owner = db.prepare<{ user_id: string }>('SELECT user_id FROM leaderboard WHERE folded = ?').get(folded)
      if (owner !== undefined && owner.user_id !== userId) return err({ kind: 'nickname-taken' })
      db.prepare(
        `INSERT INTO leaderboard (user_id, nickname, folded) VALUES (?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET nickname = excluded.nickname, folded = excluded.folded`,
      ).run(userId, shown, folded)
      return ok(undefined)
    })
  }

  async leave(userId: UserId): Promise<void> {
    await this.#engine.write((db) => db.prepare('DELETE FROM leaderboard WHERE user_id = ?').run(userId))
  }

  nicknameOf(userId: UserId): Promise<string | undefined> {
    return this.#engine.read(
      (db) =>
        db.prepare<{ nickname: string }>('SELECT nickname FROM leaderboard WHERE user_id = ?').get(userId)?.nickname,
    )
  }

  members(): Promise<readonly Member[]> {
    return this.#engine.read((db) =>
      db.prepare<Member>('SELECT user_id AS userId, nickname FROM leaderboard LIMIT ?').all(MOST_MEMBERS),
    )
  }

  async addEarned(day: Day, earned: readonly UserEarned[]): Promise<void> {
    if (earned.length === 0) return
    await this.#engine.write((db) => {
      const own = db.prepare(
        `INSERT INTO earned (user_id, day, pages, coins) VALUES (?, ?, ?, ?)
         ON CONFLICT (user_id, day) DO UPDATE SET pages = pages + excluded.pages, coins = coins + excluded.coins`,
      )
      for (const { userId, pages, coins } of earned) own.run(userId, day, pages, coins)
      const sum = (what: keyof Earned) => earned.reduce((total, one) => total + one[what], 0)
      db.prepare(
        `INSERT INTO earned_by_all (day, pages, coins) VALUES (?, ?, ?)
         ON CONFLICT (day) DO UPDATE SET pages = pages + excluded.pages, coins = coins + excluded.coins`,
      ).run(day, sum('pages'), sum('coins'))
    })
  }

  earnedBy(userId: UserId, from: Day, to: Day): Promise<Earned> {
    return this.#engine.read((db) => ({
      ...db
        .prepare<{ pages: number; coins: number }>(
          `SELECT coalesce(sum(pages), 0) AS pages, coalesce(sum(coins), 0) AS coins
           FROM earned WHERE user_id = ? AND day BETWEEN ? AND ?`,
        )
        .one(userId, from, to),
    }))
  }

  earnedOn(day: Day): Promise<Earned> {
    return this.#engine.read((db) => ({
      ...(db.prepare<Earned & object>('SELECT pages, coins FROM earned_by_all WHERE day = ?').get(day) ?? {
        pages: 0,
        coins: 0,
      }),
    }))
  }

  async forgetUser(userId: UserId): Promise<void> {
    await this.#engine.write((db) => {
      db.prepare('DELETE FROM leaderboard WHERE user_id = ?').run(userId)
      db.prepare('DELETE FROM earned WHERE user_id = ?').run(userId)
    })
  }
}
