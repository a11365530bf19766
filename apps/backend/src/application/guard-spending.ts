import { CodedError, type CoinService } from '@quarry/contracts'
import { orderCost, type Instant, type Order, type UserId } from '@quarry/domain'
import type { OrderStore, PlacedOrder, SpendLimits } from '@quarry/storage-port'

const PAGE_ORDERS = 200

/**
 * Keeps customers within the limits that they set themselves. What counts for a month is what its orders put in escrow, less
 * what came back, by the ledger's figures; an order counts as soon as its row is there, before its coins move. So of orders
 * placed at once, each sees the others: both may be refused, but never both pass beyond the limit.
 */
export class GuardSpending {
  readonly #orders: OrderStore
  readonly #coins: CoinService

  constructor(deps: { orders: OrderStore; coins: CoinService }) {
    this.#orders = deps.orders
    this.#coins = deps.coins
  }

  /** Why these orders of one customer may not be placed together: `order_cap`, `month_cap`; undefined when they may. */
  async refusal(customerId: UserId, wanted: readonly Order[]): Promise<CodedError | undefined> {
    const [first] = wanted
    if (!first) return undefined
    const limits = await this.#orders.spendLimits(customerId)
    const dearest = Math.max(...wanted.map(orderCost))
    if (limits.orderCoins !== undefined && dearest > limits.orderCoins) return tooDear(dearest, limits.orderCoins)
    if (limits.monthCoins === undefined) return undefined
    const ids = new Set(wanted.map(({ id }) => id))
    const others = (await this.#ofMonth(customerId, first.createdAt)).filter(({ order }) => !ids.has(order.id))
    const cost = wanted.reduce((sum, order) => sum + orderCost(order), 0)
    // What the others cost at most is known without the ledger.
    if (cost + costOf(others) <= limits.monthCoins) return undefined
    const spent = await this.#spent(others)
    return cost + spent > limits.monthCoins ? tooMuch(cost, limits.monthCoins - spent) : undefined
  }

  /** A customer's limits, and what the orders of the month around `now` have cost so far. */
  async stand(customerId: UserId, now: Instant): Promise<{ limits: SpendLimits; spentCoins: number }> {
    const limits = await this.#orders.spendLimits(customerId)
    return { limits, spentCoins: await this.#spent(await this.#ofMonth(customerId, now)) }
  }

  async #ofMonth(customerId: UserId, at: Instant): Promise<PlacedOrder[]> {
    const begin = monthOf(at)
    const found: PlacedOrder[] = []
    let after: string | undefined
    while (true) {
      const page = { limit: PAGE_ORDERS, ...(after !== undefined && { after }) }
      const { items, next } = await this.#orders.ofCustomer(customerId, page)
      found.push(...items.filter(({ order }) => monthOf(order.createdAt) === begin))
      const oldest = items.at(-1)
      if (next === undefined || oldest === undefined || oldest.order.createdAt < begin) return found
      after = next
    }
  }

  async #spent(placed: readonly PlacedOrder[]): Promise<number> {
    let spent = 0
    for (let from = 0; from < placed.length; from += PAGE_ORDERS) {
      const some = placed.slice(from, from + PAGE_ORDERS)
      const coins = await this.#coins.orderCoins(some.map(({ order }) => order.id))
      for (const [index, { order, placement }] of some.entries()) {
        const { paidInCoins, refundedCoins } = coins[index]!
        spent += placement === 'placing' && paidInCoins === 0 ? orderCost(order) : paidInCoins - refundedCoins
      }
    }
    return spent
  }
}

function costOf(placed: readonly PlacedOrder[]): number {
  return placed.reduce((sum, { order }) => sum + orderCost(order), 0)
}

/** When the UTC month of `at` began. */
function monthOf(at: Instant): Instant {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

function tooDear(cost: number, most: number): CodedError {
  const fields = [{ field: 'repetitions', problem: `cost ${cost} coins`, allowed: `${most} coins an order` }]
  return new CodedError('order_cap', `The order costs ${cost} coins; your limit for one order is ${most}.`, { fields })
}

function tooMuch(cost: number, left: number): CodedError {
  const leftCoins = Math.max(0, left)
  const fields = [{ field: 'repetitions', problem: `cost ${cost} coins`, allowed: `${leftCoins} coins this month` }]
  const words = `This costs ${cost} coins; your limit leaves ${leftCoins} for this month.`
  return new CodedError('month_cap', words, { fields })
}
