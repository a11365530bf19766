import type { CoinService, ForecastView, OrderCoinsView } from '@quarry/contracts'
import {
  endsAt,
  firstDueAfter,
  forecastCoins,
  planOf,
  type Clock,
  type Instant,
  type Order,
  type RunningOrder,
  type ScheduleEntry,
  type UserId,
} from '@quarry/domain'
import type { OrderStore, ScheduleStore } from '@quarry/storage-port'

/** Orders of one customer that are looked at, newest first. */
const MOST_ORDERS = 1_000
const PAGE_ORDERS = 200
/** Orders that are listed with what they hold. */
const LISTED = 5

export interface ForecastCoinsDeps {
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly coins: CoinService
  readonly clock: Clock
}

/** What a customer's orders hold by the ledger, and how long coins last at their pace. */
export class ForecastCoins {
  readonly #deps: ForecastCoinsDeps

  constructor(deps: ForecastCoinsDeps) {
    this.#deps = deps
  }

  async run(userId: UserId): Promise<ForecastView> {
    const { coins, clock } = this.#deps
    const { availableCoins } = await coins.balance(userId)
    const now = clock.now()
    const running: (RunningOrder & { readonly order: Order })[] = []
    let after: string | undefined
    let looked = 0
    do {
      const page = await this.#page(userId, after)
      running.push(...page.held.map(({ entry, coins: held }) => runningOrder(entry, held, now)))
      looked += page.looked
      after = page.next
    } while (after !== undefined && looked < MOST_ORDERS)
    const holding = running.filter(({ heldCoins }) => heldCoins > 0)
    const largest = holding.toSorted((a, b) => b.heldCoins - a.heldCoins).slice(0, LISTED)
    return {
      ...forecastCoins(availableCoins, running, now),
      orders: largest.map(({ order, heldCoins, endsAt: end }) => ({
        ...{ orderId: order.id, name: order.name, url: order.url, heldCoins },
        ...(end !== undefined && { endsAt: end }),
      })),
      orderCount: holding.length,
      incomplete: after !== undefined,
    }
  }

  /** A closed entry has settled all it will ever settle: it holds nothing, and the ledger need not be asked. */
  async #page(userId: UserId, after: string | undefined) {
    const { orders, schedule, coins } = this.#deps
    const { items, next } = await orders.ofCustomer(userId, {
      limit: PAGE_ORDERS,
      ...(after !== undefined && { after }),
    })
    const entries = await schedule.findMany(items.map(({ order }) => order.id))
    const open = entries.filter((entry) => entry !== undefined).filter(({ closed }) => !closed)
    const held = open.length > 0 ? await coins.orderCoins(open.map(({ order }) => order.id)) : []
    return {
      held: open.map((entry, index) => ({ entry, coins: held[index]! })),
      looked: items.length,
      ...(next !== undefined && { next }),
    }
  }
}

function runningOrder(entry: ScheduleEntry, coins: OrderCoinsView, now: Instant): RunningOrder & { order: Order } {
  const { order } = entry
  const plan = planOf(entry)
  const next = entry.state === 'active' ? firstDueAfter(plan, now) : undefined
  const end = next && endsAt(plan)
  return {
    order,
    orderId: order.id,
    heldCoins: coins.paidInCoins - coins.paidOutCoins - coins.refundedCoins,
    ...(next && { nextDueAt: next.dueAt }),
    ...(end !== undefined && { endsAt: end }),
    repetitionsLeft: next ? order.repetitions - next.rep : 0,
    priceCoins: order.priceCoins,
  }
}
