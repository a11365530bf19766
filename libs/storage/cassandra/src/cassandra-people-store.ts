import { err, hash32, ok, type Day, type Nickname, type Result, type UserId } from '@quarry/domain'
import {
  MOST_MEMBERS,
  type Earned,
  type Member,
  type NicknameTaken,
  type PeopleStore,
  type UserEarned,
} from '@quarry/storage-port'
import type { types } from 'cassandra-driver'
import type { CassandraEngine, Statement } from './cassandra-engine.ts'

const BOARD = 0
const MEMBER = 1
const NAME = 2
const SHARDS = 16

interface BoardRow {
  /** Of the partition; null while nobody has ever joined. */
  readonly ver: types.Long | null
  readonly key: string
  readonly nickname: string | null
  /** A member's folded name; a name's user. */
  readonly other: string
}

interface EarnedRow {
  readonly pages: types.Long | null
  readonly coins: types.Long | null
}

/** Members of the leaderboard in one partition, changed by one condition on its version; sums in counters. */
export class CassandraPeopleStore implements PeopleStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async join(userId: UserId, { shown, folded }: Nickname): Promise<Result<void, NicknameTaken>> {
    while (true) {
      const ver = await this.#version()
      const [member, name] = await Promise.all([this.#row(MEMBER, userId), this.#row(NAME, folded)])
      if (name !== undefined && name.other !== userId) return err({ kind: 'nickname-taken' })
      const freed = member === undefined || member.other === folded ? [] : [removed(NAME, member.other)]
      const taken = [put(MEMBER, userId, [shown, folded]), put(NAME, folded, [null, userId])]
      if (await this.#change(ver, [...freed, ...taken])) return ok(undefined)
    }
  }

  async leave(userId: UserId): Promise<void> {
    while (true) {
      const ver = await this.#version()
      const member = await this.#row(MEMBER, userId)
      if (member === undefined) return
      if (await this.#change(ver, [removed(MEMBER, userId), removed(NAME, member.other)])) return
    }
  }

  async nicknameOf(userId: UserId): Promise<string | undefined> {
    return (await this.#row(MEMBER, userId))?.nickname ?? undefined
  }

  async members(): Promise<readonly Member[]> {
    const rows = await this.#engine.readSerial<BoardRow>(
      'SELECT key, nickname FROM leaderboard WHERE board = ? AND part = ? LIMIT ?',
      BOARD,
      MEMBER,
      MOST_MEMBERS,
    )
    return rows.map(({ key, nickname }) => ({ userId: key, nickname: nickname ?? '' }))
  }

  async addEarned(day: Day, earned: readonly UserEarned[]): Promise<void> {
    const users = new Map<UserId, Earned>()
    for (const { userId, pages, coins } of earned) {
      const before = users.get(userId) ?? { pages: 0, coins: 0 }
      users.set(userId, { pages: before.pages + pages, coins: before.coins + coins })
    }
    await Promise.all([...users].map(([userId, sum]) => this.#count(day, userId, sum)))
  }

  async earnedBy(userId: UserId, from: Day, to: Day): Promise<Earned> {
    const query = 'SELECT pages, coins FROM earned WHERE user_id = ? AND day >= ? AND day <= ?'
    return sumOf(await this.#engine.read<EarnedRow>(query, userId, from, to))
  }

  async earnedOn(day: Day): Promise<Earned> {
    return sumOf(await this.#engine.read<EarnedRow>('SELECT pages, coins FROM earned_by_all WHERE day = ?', day))
  }

  async forgetUser(userId: UserId): Promise<void> {
    await this.leave(userId)
    await this.#engine.write('DELETE FROM earned WHERE user_id = ?', userId)
  }

  async #count(day: Day, userId: UserId, { pages, coins }: Earned): Promise<void> {
    const add = 'SET pages = pages + ?, coins = coins + ?'
    // `decide` is sent once, whatever becomes of it: a counter must not be added to twice.
    await this.#engine.decide({
      query: `UPDATE earned ${add} WHERE user_id = ? AND day = ?`,
      params: [pages, coins, userId, day],
    })
    await this.#engine.decide({
      query: `UPDATE earned_by_all ${add} WHERE day = ? AND shard = ?`,
      params: [pages, coins, day, hash32(userId) % SHARDS],
    })
  }

  async #version(): Promise<number | null> {
    const [row] = await this.#engine.readSerial<Pick<BoardRow, 'ver'>>(
      'SELECT ver FROM leaderboard WHERE board = ? LIMIT 1',
      BOARD,
    )
    return row?.ver?.toNumber() ?? null
  }

  async #row(part: number, key: string): Promise<BoardRow | undefined> {
    const [row] = await this.#engine.readSerial<BoardRow>(
      'SELECT key, nickname, other FROM leaderboard WHERE board = ? AND part = ? AND key = ?',
      BOARD,
      part,
      key,
    )
    return row
  }

  async #change(ver: number | null, changes: readonly Statement[]): Promise<boolean> {
    const step = {
      query: 'UPDATE leaderboard SET ver = ? WHERE board = ? IF ver = ?',
      params: [(ver ?? 0) + 1, BOARD, ver],
    }
    return (await this.#engine.decide(step, ...changes)).applied
  }
}

function put(part: number, key: string, [nickname, other]: readonly [string | null, string]): Statement {
  return {
    query: 'INSERT INTO leaderboard (board, part, key, nickname, other) VALUES (?, ?, ?, ?, ?)',
    params: [BOARD, part, key, nickname, other],
  }
}

function removed(part: number, key: string): Statement {
  return { query: 'DELETE FROM leaderboard WHERE board = ? AND part = ? AND key = ?', params: [BOARD, part, key] }
}

function sumOf(rows: readonly EarnedRow[]): Earned {
  const sum = (what: keyof EarnedRow) => rows.reduce((total, row) => total + (row[what]?.toNumber() ?? 0), 0)
  return { pages: sum('pages'), coins: sum('coins') }
}
