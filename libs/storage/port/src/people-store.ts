import type { Day, Nickname, Result, UserId } from '@quarry/domain'

/** Somebody who wants to be on the leaderboard. */
export interface Member {
  readonly userId: UserId
  /** As it is shown. */
  readonly nickname: string
}

export interface NicknameTaken {
  readonly kind: 'nickname-taken'
}

/** What was paid to miners: for how many pages, how many coins. */
export interface Earned {
  readonly pages: number
  readonly coins: number
}

export interface UserEarned extends Earned {
  readonly userId: UserId
}

/** Members of the leaderboard at most; beyond it `join` refuses nobody, and `members` lists no more. */
export const MOST_MEMBERS = 10_000

/**
 * Who shows themselves, and what miners earned by day. Joining and leaving are linearizable. Throws `Unavailable`
 * (nothing done) and `UnknownOutcome` (perhaps done; repeating `join` and `leave` is safe).
 *
 * The sums are figures to look at, not the ledger: `addEarned` counts once when it answers, and perhaps when its outcome
 * is unknown; it must not be repeated then.
 */
export interface PeopleStore {
  /**
   * Puts the user on the leaderboard under this nickname, instead of an earlier one, which is free again. Of many users
   * with one folded name one wins.
   */
  join(userId: UserId, nickname: Nickname): Promise<Result<void, NicknameTaken>>
  /** Takes the user off at once; the nickname is free again. Repeating it changes nothing. */
  leave(userId: UserId): Promise<void>
  nicknameOf(userId: UserId): Promise<string | undefined>
  /** All members, in no order, `MOST_MEMBERS` at most. */
  members(): Promise<readonly Member[]>
  /** Adds what was paid on this day; the users may repeat. */
  addEarned(day: Day, earned: readonly UserEarned[]): Promise<void>
  /** What the user earned from `from` to `to`, both included. */
  earnedBy(userId: UserId, from: Day, to: Day): Promise<Earned>
  /** What all miners earned on this day. */
  earnedOn(day: Day): Promise<Earned>
  /** Forgets the user: membership and sums. The sums of all stay. */
  forgetUser(userId: UserId): Promise<void>
}
