import { CodedError, type CoinService, type PlaceOrder as Wish } from '@quarry/contracts'
import {
  bucketOf,
  err,
  escrowOf,
  newEntry,
  ok,
  orderCost,
  type Clock,
  type Order,
  type Result,
  type UserId,
} from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { OrderStore, PlacedOrder, ScheduleStore } from '@quarry/storage-port'
import { GuardSpending } from './guard-spending.ts'
import { sameWish, type OrderTerms } from './order-terms.ts'

/** Makes order ids: a fresh one, or always the same for a customer's idempotency key and its `attempt`-th use. */
export interface OrderIds {
  fresh(): string
  keyed(customerId: UserId, key: string, attempt: number): string
}

/** Placings of one key that the ledger may refuse before the key is used up. */
const MAX_KEYED_ATTEMPTS = 20
const UNPLACED_AGE_MS = 5_000
const UNPLACED_BATCH = 100

export interface PlaceOrderDeps {
  readonly terms: OrderTerms
  readonly ids: OrderIds
  readonly orders: OrderStore
  readonly coins: CoinService
  readonly schedule: ScheduleStore
  readonly live: LiveEvents
  readonly clock: Clock
}

/**
 * Places an order: row, then coins in escrow, then activation. Each step is repeatable under the order's id, so dying
 * between two leaves an order that `finishUnplaced` carries on with; coins never lie in escrow for nothing.
 */
export class PlaceOrder {
  readonly #deps: PlaceOrderDeps
  readonly #spending: GuardSpending

  constructor(deps: PlaceOrderDeps) {
    this.#deps = deps
    this.#spending = new GuardSpending(deps)
  }

  /**
   * With a key, a repeated request gets the first one's order, and a different one `idempotency_mismatch`. Refused with
   * `cost_above_limit` beyond the wish's own `maxCostCoins`, with `order_cap` and `month_cap` beyond the customer's limits.
   */
  async run(wish: Wish, customerId: UserId, key?: string): Promise<Result<Order, CodedError>> {
    const written = await this.write(wish, customerId, { ...(key !== undefined && { key }) })
    if (!written.ok) return written
    if (written.value.placement === 'placed') return ok(written.value.order)
    const refusal = await this.#beyondLimits([written.value])
    if (refusal) return err(refusal)
    return (await this.carryOn([written.value.order]))[0]!
  }

  /** The first step: the order's row, or the row that was there. `now` is the moment that a new one counts as placed. */
  async write(
    wish: Wish,
    customerId: UserId,
    how: { key?: string; now?: number },
  ): Promise<Result<PlacedOrder, CodedError>> {
    const { terms, ids, clock, orders } = this.#deps
    const { id, earlier } = how.key === undefined ? { id: ids.fresh() } : await this.earlier(customerId, how.key)
    const now = earlier?.order.createdAt ?? how.now ?? clock.now()
    const order = terms.check(wish, { id, customerId, now })
    if (!order.ok) return order
    const dear = costAboveLimit(wish, order.value)
    if (dear && !earlier) return err(dear)
    const stored = await orders.create(order.value)
    // Of requests at the same time another may have been first; what counts is what this one meant at that moment.
    const meant = terms.check(wish, { id, customerId, now: stored.order.createdAt })
    if (!meant.ok || !sameWish(meant.value, stored.order)) {
      return err(
        new CodedError('idempotency_mismatch', 'This Idempotency-Key was used for another order; take a new one.'),
      )
    }
    return ok(stored)
  }

  /**
   * Carries on with orders that a crash left between two steps. Returns how many there were. One that fails keeps none of
   * the others waiting; the first failure is thrown when all were tried.
   */
  async finishUnplaced(): Promise<number> {
    const unplaced = await this.#deps.orders.unplaced(this.#deps.clock.now() - UNPLACED_AGE_MS, UNPLACED_BATCH)
    const tried = await Promise.allSettled(
      unplaced.map(async (order) => {
        if (!(await this.#beyondLimits([{ order, placement: 'placing' }]))) await this.carryOn([order])
      }),
    )
    const failure = tried.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
    return unplaced.length
  }

  /** The steps after the row: the coins of all in one go, then each is activated. Answers stand at the index of their order. */
  async carryOn(placing: readonly Order[]): Promise<Result<Order, CodedError>[]> {
    const { coins, orders, schedule, live, clock } = this.#deps
    const outcomes = await coins.apply(placing.map(escrowOf))
    const done = await Promise.all(
      placing.map(async (order, index): Promise<Result<Order, CodedError>> => {
        const outcome = outcomes[index]
        if (outcome?.kind !== 'posted') {
          await orders.settlePlacement(order.id, 'rejected')
          return err(notEnough(order, outcome?.kind === 'insufficient' ? outcome.availableCoins : 0))
        }
        await schedule.activate(newEntry(order), clock.now())
        await orders.settlePlacement(order.id, 'placed')
        live.publish(`user:${order.customerId}`, { kind: 'order-changed', orderId: order.id })
        return ok(order)
      }),
    )
    const placed = done.flatMap((one) => (one.ok ? [one.value] : []))
    for (const bucket of new Set(placed.map(({ id }) => bucketOf(id)))) {
      live.publish(`bucket:${bucket}`, { kind: 'bucket-changed' })
    }
    for (const customerId of new Set(placed.map((order) => order.customerId))) {
      live.publish(`user:${customerId}`, { kind: 'balance-changed' })
    }
    return done
  }

  /** The row of a key's latest use that the ledger did not refuse, and the id that a new one is to have. */
  async earlier(customerId: UserId, key: string): Promise<{ id: string; earlier?: PlacedOrder }> {
    for (let attempt = 0; attempt < MAX_KEYED_ATTEMPTS; attempt++) {
      const id = this.#deps.ids.keyed(customerId, key, attempt)
      const placed = await this.#deps.orders.find(id)
      if (!placed) return { id }
      // A placing that was refused does not use a key up: the customer may get coins and send the same again.
      if (placed.placement !== 'rejected') return { id, earlier: placed }
    }
    throw new CodedError('idempotency_mismatch', 'This Idempotency-Key has been refused too often; take a new one.')
  }

  /** Rejects orders of one customer that go beyond the customer's limits, unless their coins have moved already. */
  async #beyondLimits(placing: readonly PlacedOrder[]): Promise<CodedError | undefined> {
    const { coins, orders } = this.#deps
    const wanted = placing.map(({ order }) => order)
    const refusal = await this.#spending.refusal(wanted[0]!.customerId, wanted)
    if (!refusal) return undefined
    const moved = await coins.orderCoins(wanted.map(({ id }) => id))
    if (moved.some(({ paidInCoins }) => paidInCoins > 0)) return undefined
    await Promise.all(wanted.map(({ id }) => orders.settlePlacement(id, 'rejected')))
    return refusal
  }
}

function costAboveLimit({ maxCostCoins }: Wish, order: Order): CodedError | undefined {
  const cost = orderCost(order)
  if (maxCostCoins === undefined || cost <= maxCostCoins) return undefined
  const fields = [{ field: 'maxCostCoins', problem: `is ${maxCostCoins}`, allowed: `at least ${cost}` }]
  return new CodedError('cost_above_limit', `The order costs ${cost} coins, more than ${maxCostCoins}.`, { fields })
}

function notEnough(order: Order, availableCoins: number): CodedError {
  const cost = orderCost(order)
  const fields = [
    { field: 'repetitions', problem: `cost ${cost} coins`, allowed: `${availableCoins} coins are available` },
  ]
  return new CodedError('not_enough_coins', `The order costs ${cost} coins, ${availableCoins} are available.`, {
    fields,
  })
}
