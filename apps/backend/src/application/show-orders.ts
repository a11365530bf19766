import { CodedError, type CoinService, type OrderCoinsView, type OrderView, type PageView } from '@quarry/contracts'
import {
  planOf,
  upcoming,
  upcomingAfter,
  type Clock,
  type Order,
  type OrderId,
  type ScheduleEntry,
  type UserId,
} from '@quarry/domain'
import type { OrderStore, OrderTotals, PlacedOrder, OrderLabel, ResultStore, ScheduleStore } from '@quarry/storage-port'

const NEXT_RUNS = 5

export interface ShowOrdersDeps {
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly coins: CoinService
  readonly clock: Clock
}

/** Orders as their customer sees them, put together from where each part of the truth is kept. */
export class ShowOrders {
  readonly #deps: ShowOrdersDeps

  constructor(deps: ShowOrdersDeps) {
    this.#deps = deps
  }

  /** The customer's own order. Throws `order_not_found`, also for an order of somebody else. */
  async owned(orderId: OrderId, customerId: UserId): Promise<Order> {
    return (await this.#owned(orderId, customerId)).order
  }

  async one(orderId: OrderId, customerId: UserId): Promise<OrderView> {
    return (await this.views([await this.#owned(orderId, customerId)]))[0]!
  }

  /** Changes an order's name or tags; what is left out stays. Throws as `owned`. */
  async relabel(orderId: OrderId, customerId: UserId, change: Partial<OrderLabel>): Promise<OrderView> {
    const placed = await this.#owned(orderId, customerId)
    const relabelled = await this.#deps.orders.relabel(orderId, { ...labelOf(placed), ...change })
    return (await this.views([relabelled ?? placed]))[0]!
  }

  async ofCustomer(customerId: UserId, page: { after?: string; limit: number }): Promise<PageView<OrderView>> {
    const { items, next } = await this.#deps.orders.ofCustomer(customerId, page)
    return { items: await this.views(items), ...(next !== undefined && { next }) }
  }

  async #owned(orderId: OrderId, customerId: UserId): Promise<PlacedOrder> {
    const placed = await this.#deps.orders.find(orderId)
    if (placed?.order.customerId !== customerId || placed.placement === 'rejected') {
      throw new CodedError('order_not_found', `You have no order ${orderId}.`, {
        fields: [{ field: 'orderId', problem: `is ${orderId}`, allowed: 'the id of one of your orders' }],
      })
    }
    return placed
  }

  /** Views of orders known to be the customer's, in the same order. */
  async some(orderIds: readonly OrderId[]): Promise<OrderView[]> {
    const placed = await Promise.all(orderIds.map((id) => this.#deps.orders.find(id)))
    return this.views(placed.filter((one): one is PlacedOrder => one !== undefined))
  }

  /** Views at the index of their orders. */
  async views(orders: readonly PlacedOrder[]): Promise<OrderView[]> {
    const ids = orders.map(({ order }) => order.id)
    const [entries, totals, coins] = await Promise.all([
      this.#deps.schedule.findMany(ids),
      this.#deps.results.totals(ids),
      this.#deps.coins.orderCoins(ids),
    ])
    return orders.map((placed, index) =>
      this.#view(placed, { entry: entries[index], totals: totals[index]!, coins: coins[index]! }),
    )
  }

  #view(
    placed: PlacedOrder,
    more: { entry: ScheduleEntry | undefined; totals: OrderTotals; coins: OrderCoinsView },
  ): OrderView {
    const { entry, totals, coins } = more
    const { customerId: _, host: __, tags: ___, ...order } = placed.order
    const { name, tags } = labelOf(placed)
    return {
      ...order,
      name,
      ...(tags.length > 0 && { tags }),
      state: entry?.state ?? 'placing',
      ...(entry?.reason !== undefined && { reason: entry.reason }),
      delivered: totals.delivered,
      failed: totals.failed,
      nextDueAt: entry ? this.#nextRuns(entry) : [],
      ...(totals.lastRun && { lastRun: totals.lastRun }),
      coins: {
        paidIn: coins.paidInCoins,
        paidOut: coins.paidOutCoins,
        refunded: coins.refundedCoins,
        inEscrow: coins.paidInCoins - coins.paidOutCoins - coins.refundedCoins,
      },
    }
  }

  #nextRuns(entry: ScheduleEntry): number[] {
    if (entry.state !== 'active') return []
    return upcomingAfter(planOf(entry), this.#deps.clock.now(), NEXT_RUNS).map(({ dueAt }) => dueAt)
  }
}

/** The first runs of an order that is not placed yet. */
export function firstRuns(plan: Parameters<typeof upcoming>[0]): number[] {
  return upcoming(plan, { fromRep: 0, limit: NEXT_RUNS }).map(({ dueAt }) => dueAt)
}

/** What an order is called now. */
export function labelOf({ order, label }: PlacedOrder): OrderLabel {
  return label ?? { name: order.name, tags: order.tags ?? [] }
}
