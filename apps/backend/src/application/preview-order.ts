import type { CodedError, CoinService, OrderPreview, PlaceOrder } from '@quarry/contracts'
import { endsAt, ok, orderCost, type Clock, type Result, type UserId } from '@quarry/domain'
import { planOfNew, type OrderTerms } from './order-terms.ts'
import { firstRuns } from './show-orders.ts'

/** What an order would cost and when it would run, by the very rules that placing it follows. Changes nothing. */
export class PreviewOrder {
  readonly #terms: OrderTerms
  readonly #coins: CoinService
  readonly #clock: Clock

  constructor(deps: { terms: OrderTerms; coins: CoinService; clock: Clock }) {
    this.#terms = deps.terms
    this.#coins = deps.coins
    this.#clock = deps.clock
  }

  async run(wish: PlaceOrder, customerId: UserId): Promise<Result<OrderPreview, CodedError>> {
    const order = this.#terms.check(wish, { id: 'preview', customerId, now: this.#clock.now() })
    if (!order.ok) return order
    const plan = planOfNew(order.value)
    const end = endsAt(plan)
    const { availableCoins } = await this.#coins.balance(customerId)
    return ok({
      costCoins: orderCost(order.value),
      repetitions: order.value.repetitions,
      nextDueAt: firstRuns(plan),
      ...(end !== undefined && { endsAt: end }),
      balanceCoins: availableCoins,
    })
  }
}
