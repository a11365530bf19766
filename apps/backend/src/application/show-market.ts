import type { LeaderboardView, LeaderView, MarketView } from '@quarry/contracts'
import { dayOf, mondayOf, startOfDay, type Clock, type Instant, type UserId } from '@quarry/domain'
import type { Presence } from '@quarry/messaging-port'
import type { Member, PeopleStore } from '@quarry/storage-port'

/** However many look, the figures are read so often at most. */
const MARKET_FRESH_MS = 1_000
const BOARD_FRESH_MS = 5_000
const MOST_LEADERS = 20
/** Sums read at once. */
const AT_ONCE = 50

interface Ranked extends Member {
  readonly coins: number
  readonly rank: number
}

/** What anybody may see of all miners: figures of the moment, and the week's leaders among those who joined. */
export class ShowMarket {
  readonly #presence: Presence
  readonly #people: PeopleStore
  readonly #clock: Clock
  #market: { readonly view: Promise<MarketView>; readonly until: Instant } | undefined
  #board: { readonly ranked: Promise<readonly Ranked[]>; readonly until: Instant } | undefined

  constructor(deps: { presence: Presence; people: PeopleStore; clock: Clock }) {
    this.#presence = deps.presence
    this.#people = deps.people
    this.#clock = deps.clock
  }

  /** Right to within a second; pages of the last minute to within five. */
  market(): Promise<MarketView> {
    const now = this.#clock.now()
    if (this.#market === undefined || this.#market.until <= now) {
      const view = this.#readMarket(now)
      const market = { view, until: now + MARKET_FRESH_MS }
      this.#market = market
      view.catch(() => this.#market === market && (this.#market = undefined))
    }
    return this.#market.view
  }

  /** Right to within five seconds, on this server; a name that joined or left through it shows at once. */
  async leaderboard(userId: UserId): Promise<LeaderboardView> {
    const now = this.#clock.now()
    if (this.#board === undefined || this.#board.until <= now) {
      const ranked = this.#rank(now)
      const board = { ranked, until: now + BOARD_FRESH_MS }
      this.#board = board
      ranked.catch(() => this.#board === board && (this.#board = undefined))
    }
    const ranked = await this.#board.ranked
    const own = ranked.find((member) => member.userId === userId)
    return {
      weekStartsAt: startOfDay(mondayOf(dayOf(now))),
      leaders: ranked
        .filter(({ coins }) => coins > 0)
        .slice(0, MOST_LEADERS)
        .map((member) => ({ ...leaderOf(member), isYou: member.userId === userId })),
      ...(own && { you: leaderOf(own) }),
    }
  }

  /** Somebody joined or left: the board is read anew. */
  membersChanged(): void {
    this.#board = undefined
  }

  async #readMarket(now: Instant): Promise<MarketView> {
    const [bustle, paid] = await Promise.all([this.#presence.bustle(), this.#people.earnedOn(dayOf(now))])
    return { ...bustle, paidTodayCoins: paid.coins }
  }

  async #rank(now: Instant): Promise<readonly Ranked[]> {
    const today = dayOf(now)
    const members = await this.#people.members()
    const sums: (Member & { readonly coins: number })[] = []
    for (let at = 0; at < members.length; at += AT_ONCE) {
      const part = members.slice(at, at + AT_ONCE).map(async (member) => {
        const { coins } = await this.#people.earnedBy(member.userId, mondayOf(today), today)
        return { ...member, coins }
      })
      sums.push(...(await Promise.all(part)))
    }
    sums.sort((a, b) => b.coins - a.coins || (a.nickname < b.nickname ? -1 : 1))
    const ranked: Ranked[] = []
    for (const [index, one] of sums.entries()) {
      const above = ranked.at(-1)
      ranked.push({ ...one, rank: above?.coins === one.coins ? above.rank : index + 1 })
    }
    return ranked
  }
}

function leaderOf({ rank, nickname, coins }: Ranked): Omit<LeaderView, 'isYou'> {
  return { rank, nickname, coins }
}
