import { CodedError, MAX_INTERVAL_MS, MAX_PRICE_COINS, MAX_REPETITIONS, type PlaceOrder } from '@quarry/contracts'
import {
  checkOrder,
  err,
  newEntry,
  ok,
  parseTarget,
  repetitionsOf,
  scheduleOf,
  type Instant,
  type Order,
  type Plan,
  type Result,
  type UserId,
} from '@quarry/domain'
import { checkedTarget, type TargetRules } from './checked-target.ts'

export interface OrderTermsRules extends TargetRules {
  readonly minIntervalMs: number
}

const LONGEST_PATIENCE_MS = 24 * 3600 * 1000

/** Reads a customer's wish by the rules of the domain and of the operator: the order it would make, or all that is wrong. */
export class OrderTerms {
  readonly #rules: OrderTermsRules

  constructor(rules: OrderTermsRules) {
    this.#rules = rules
  }

  check(wish: PlaceOrder, by: { id: string; customerId: UserId; now: Instant }): Result<Order, CodedError> {
    const limits = {
      minIntervalMs: this.#rules.minIntervalMs,
      maxIntervalMs: MAX_INTERVAL_MS,
      maxRepetitions: MAX_REPETITIONS,
      maxPriceCoins: MAX_PRICE_COINS,
      minPatienceMs: 1000,
      maxPatienceMs: LONGEST_PATIENCE_MS,
    }
    const problems = checkOrder(wish, limits, by.now)
    const target = parseTarget(wish.url)
    if (problems.length > 0 || !target.ok) {
      const fields = problems.map(({ field, problem, allowed }) => ({ field, problem, allowed }))
      const words = fields.map(({ field, problem, allowed }) => `${field} ${problem} (allowed: ${allowed})`).join('; ')
      return err(new CodedError('invalid_input', `The order is not valid: ${words}`, { fields }))
    }
    const reachable = checkedTarget(wish.url, this.#rules)
    if (!reachable.ok) return reachable
    const { name, tags = [], priceCoins, patienceMs, catchUp, until, extract } = wish
    const schedule = scheduleOf(wish.schedule, by.now)
    return ok({
      id: by.id,
      customerId: by.customerId,
      name,
      url: target.value.url,
      host: target.value.host,
      schedule,
      repetitions: repetitionsOf(wish, schedule, MAX_REPETITIONS),
      priceCoins,
      patienceMs,
      catchUp,
      createdAt: by.now,
      ...(tags.length > 0 && { tags }),
      ...(until !== undefined && { until }),
      ...(extract !== undefined && extract.length > 0 && { extract }),
    })
  }
}

/** Whether two orders ask for the same; both are to be read as of the same moment, so that a start left out is the same. */
export function sameWish(a: Order, b: Order): boolean {
  return wishText(a) === wishText(b)
}

function wishText(order: Order): string {
  const { url, name, tags, schedule, repetitions, until, priceCoins, patienceMs, catchUp, extract } = order
  const times = [Object.entries(schedule).sort(), repetitions, until]
  return JSON.stringify([url, name, tags, times, priceCoins, patienceMs, catchUp, extract])
}

/** The plan that a new order would follow, without jitter, which comes of the id that it is going to get. */
export function planOfNew(order: Order): Plan {
  return { schedule: order.schedule, repetitions: order.repetitions, segments: newEntry(order).segments }
}
