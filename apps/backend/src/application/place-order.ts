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
import type { OrderStore, ScheduleStore } from '@quarry/storage-port'
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

  constructor(deps: PlaceOrderDeps) {
    this.#deps = deps
  }

  /** With a key, a repeated request gets the first one's order, and a different one `idempotency_mismatch`. */
  async run(wish: Wish, customerId: UserId, key?: string): Promise<Result<Order, CodedError>> {
    const { terms, ids, clock, orders } = this.#deps
    const { id, earlier } = key === undefined ? { id: ids.fresh() } : await this.#keyed(customerId, key)
    const order = terms.check(wish, { id, customerId, now: earlier?.createdAt ?? clock.now() })
    if (!order.ok) return order
    const { order: stored } = await orders.create(order.value)
    // Of requests at the same time another may have been first; what counts is what this one meant at that moment.
    const meant = terms.check(wish, { id, customerId, now: stored.createdAt })
    if (!meant.ok || !sameWish(meant.value, stored)) {
      return err(
        new CodedError('idempotency_mismatch', 'This Idempotency-Key was used for another order; take a new one.'),
      )
    }
    return this.#carryOn(stored)
  }

  /**
   * Carries on with orders that a crash left between two steps. Returns how many there were. One that fails keeps none of
   * the others waiting; the first failure is thrown when all were tried.
   */
  async finishUnplaced(): Promise<number> {
    const unplaced = await this.#deps.orders.unplaced(this.#deps.clock.now() - UNPLACED_AGE_MS, UNPLACED_BATCH)
    const tried = await Promise.allSettled(unplaced.map((order) => this.#carryOn(order)))
    const failure = tried.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
    return unplaced.length
  }

  async #carryOn(order: Order): Promise<Result<Order, CodedError>> {
    const { coins, orders, schedule, live, clock } = this.#deps
    const [outcome] = await coins.apply([escrowOf(order)])
    if (outcome?.kind !== 'posted') {
      await orders.settlePlacement(order.id, 'rejected')
      return err(notEnough(order, outcome?.kind === 'insufficient' ? outcome.availableCoins : 0))
    }
    await schedule.activate(newEntry(order), clock.now())
    await orders.settlePlacement(order.id, 'placed')
    live.publish(`bucket:${bucketOf(order.id)}`, { kind: 'bucket-changed' })
    live.publish(`user:${order.customerId}`, { kind: 'order-changed', orderId: order.id })
    live.publish(`user:${order.customerId}`, { kind: 'balance-changed' })
    return ok(order)
  }

  /** A placing that the ledger refused does not use a key up: the customer may get coins and send the same again. */
  async #keyed(customerId: UserId, key: string): Promise<{ id: string; earlier?: Order }> {
    for (let attempt = 0; attempt < MAX_KEYED_ATTEMPTS; attempt++) {
      const id = this.#deps.ids.keyed(customerId, key, attempt)
      const placed = await this.#deps.orders.find(id)
      if (!placed) return { id }
      if (placed.placement !== 'rejected') return { id, earlier: placed.order }
    }
    throw new CodedError('idempotency_mismatch', 'This Idempotency-Key has been refused too often; take a new one.')
  }
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
