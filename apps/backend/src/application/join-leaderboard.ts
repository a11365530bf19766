import { CodedError } from '@quarry/contracts'
import { parseNickname, type NicknameProblem, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { PeopleStore } from '@quarry/storage-port'
import type { ShowMarket } from './show-market.ts'

const problems: Readonly<Record<NicknameProblem, string>> = {
  shape: 'is not of this form',
  reserved: 'is reserved',
}

/** Joins and leaves the leaderboard: by the user's own wish only, and at once. */
export class JoinLeaderboard {
  readonly #people: PeopleStore
  readonly #live: LiveEvents
  readonly #market: Pick<ShowMarket, 'membersChanged'>

  constructor(deps: { people: PeopleStore; live: LiveEvents; market: Pick<ShowMarket, 'membersChanged'> }) {
    this.#people = deps.people
    this.#live = deps.live
    this.#market = deps.market
  }

  /** Joins, or changes the name. Throws `invalid_input`, `nickname_taken`. */
  async join(userId: UserId, text: string): Promise<void> {
    const nickname = parseNickname(text)
    if (!nickname.ok) {
      const allowed = '3 to 20 letters (a-z) and digits, between them - _ and .'
      const fields = [{ field: 'nickname', problem: problems[nickname.error], allowed }]
      throw new CodedError('invalid_input', `The nickname ${problems[nickname.error]}.`, { fields })
    }
    const joined = await this.#people.join(userId, nickname.value)
    if (!joined.ok) throw new CodedError('nickname_taken', 'Somebody else has this name, or one that looks like it.')
    this.#changed()
  }

  /** Repeating it changes nothing. */
  async leave(userId: UserId): Promise<void> {
    await this.#people.leave(userId)
    this.#changed()
  }

  #changed(): void {
    this.#market.membersChanged()
    this.#live.publish('market', { kind: 'market-changed' })
  }
}
