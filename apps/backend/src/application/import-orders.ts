import {
  CodedError,
  placeOrderSchema,
  type BulkLine,
  type BulkOrder,
  type BulkView,
  type CoinService,
  type PlaceOrder as Wish,
} from '@quarry/contracts'
import { orderCost, type Clock, type Instant, type Order, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { OrderStore } from '@quarry/storage-port'
import { GuardSpending } from './guard-spending.ts'
import { planOfNew, type OrderTerms } from './order-terms.ts'
import type { PlaceOrder } from './place-order.ts'
import { linesOf, type ImportLine } from './read-lines.ts'
import { firstRuns } from './show-orders.ts'

/** Orders that are written, and whose coins are asked for, in one go. */
const BATCH = 100

export interface ImportOrdersDeps {
  readonly terms: OrderTerms
  readonly placeOrder: PlaceOrder
  readonly orders: OrderStore
  readonly coins: CoinService
  readonly live: LiveEvents
  readonly clock: Clock
}

/** A line that was read, with the order that it would make or what is wrong with it. */
interface Judged {
  readonly line: ImportLine
  readonly right?: { readonly wish: Wish; readonly order: Order }
  readonly error?: NonNullable<BulkLine['error']>
  /** It was placed, or is being placed, under this key before. */
  readonly known?: boolean
}

interface Right {
  readonly line: ImportLine
  readonly wish: Wish
  readonly order: Order
  readonly known: boolean | undefined
}

/**
 * Places many orders on the same terms. Every line is judged before anything is written; then they are placed in batches, each
 * under an id of its own derived from the key and its line, so that repeating the request after any crash places the rest.
 */
export class ImportOrders {
  readonly #deps: ImportOrdersDeps
  readonly #spending: GuardSpending

  constructor(deps: ImportOrdersDeps) {
    this.#deps = deps
    this.#spending = new GuardSpending(deps)
  }

  /** What `run` would do; changes nothing. */
  async check(body: BulkOrder, customerId: UserId): Promise<BulkView> {
    const now = this.#deps.clock.now()
    return this.#view(
      linesOf(body).map((line) => this.#judge(body, line, { customerId, now })),
      customerId,
    )
  }

  /**
   * Places the valid lines; with an invalid one nothing, unless `placeValid`. Throws `invalid_input` then, `not_enough_coins`
   * when all together cost more than there is, `cost_above_limit`, `order_cap` and `month_cap`: nothing is placed.
   */
  async run(body: BulkOrder, customerId: UserId, key: string): Promise<BulkView> {
    const now = this.#deps.clock.now()
    const lines = linesOf(body)
    const judged: Judged[] = []
    for (let from = 0; from < lines.length; from += BATCH) {
      const some = lines.slice(from, from + BATCH)
      judged.push(...(await Promise.all(some.map((line) => this.#judgeKeyed(body, line, { customerId, key, now })))))
    }
    const valid = judged.flatMap(({ line, right, known }) => (right ? [{ line, known, ...right }] : []))
    if (valid.length < judged.length && !body.placeValid) throw invalidLines(judged)
    await this.#affordable(body, valid, customerId)
    const done = new Map<number, BulkLine>()
    for (let from = 0; from < valid.length; from += BATCH) {
      for (const placed of await this.#place(valid.slice(from, from + BATCH), { customerId, key, now }))
        done.set(placed.line, placed)
      const progress = { done: Math.min(from + BATCH, valid.length), total: valid.length }
      this.#deps.live.publish(`user:${customerId}`, { kind: 'import-progress', importId: key, ...progress })
    }
    return this.#view(judged, customerId, done)
  }

  #judge(body: BulkOrder, line: ImportLine, by: { customerId: UserId; now: Instant }): Judged {
    const { lines: _, csv: __, placeValid: ___, maxCostCoins: ____, ...terms } = body
    const { line: _____, ...page } = line
    const wish = placeOrderSchema.safeParse({ ...terms, ...page })
    if (!wish.success) {
      const [issue] = wish.error.issues
      const field = String(issue?.path[0] ?? 'url')
      return { line, error: { code: 'invalid_input', message: `${field}: ${issue?.message ?? 'is not valid'}`, field } }
    }
    const order = this.#deps.terms.check(wish.data, { id: `line-${line.line}`, ...by })
    return order.ok ? { line, right: { wish: wish.data, order: order.value } } : { line, error: errorOf(order.error) }
  }

  async #judgeKeyed(
    body: BulkOrder,
    line: ImportLine,
    by: { customerId: UserId; key: string; now: Instant },
  ): Promise<Judged> {
    const { customerId } = by
    const { earlier } = await this.#deps.placeOrder.earlier(customerId, keyOf(by.key, line))
    const now = earlier?.order.createdAt ?? by.now
    return { ...this.#judge(body, line, { customerId, now }), ...(earlier && { known: true }) }
  }

  async #affordable(body: BulkOrder, valid: readonly Right[], customerId: UserId): Promise<void> {
    const orders = valid.flatMap(({ order, known }) => (known ? [] : [order]))
    const cost = costOf(orders)
    const { maxCostCoins } = body
    if (maxCostCoins !== undefined && cost > maxCostCoins) {
      const fields = [{ field: 'maxCostCoins', problem: `is ${maxCostCoins}`, allowed: `at least ${cost}` }]
      throw new CodedError('cost_above_limit', `The lines cost ${cost} coins, more than ${maxCostCoins}.`, { fields })
    }
    const { availableCoins } = await this.#deps.coins.balance(customerId)
    if (cost > availableCoins) {
      const fields = [
        { field: 'lines', problem: `cost ${cost} coins`, allowed: `${availableCoins} coins are available` },
      ]
      throw new CodedError('not_enough_coins', `The lines cost ${cost} coins, ${availableCoins} are available.`, {
        fields,
      })
    }
    const refusal = await this.#spending.refusal(customerId, orders)
    if (refusal) throw refusal
  }

  async #place(valid: readonly Right[], by: { customerId: UserId; key: string; now: Instant }): Promise<BulkLine[]> {
    const { placeOrder } = this.#deps
    const { customerId, key, now } = by
    const written = await Promise.all(
      valid.map(async ({ line, wish }) => ({
        line,
        row: await placeOrder.write(wish, customerId, { key: keyOf(key, line), now }),
      })),
    )
    const open = written.flatMap(({ row }) => (row.ok && row.value.placement === 'placing' ? [row.value.order] : []))
    const placed = open.length > 0 ? await placeOrder.carryOn(open) : []
    const refused = new Map(
      open.flatMap(({ id }, index) => {
        const outcome = placed[index]!
        return outcome.ok ? [] : [[id, outcome.error] as const]
      }),
    )
    return written.map(({ line, row }) => {
      if (!row.ok) return { ...line, error: errorOf(row.error) }
      const { id } = row.value.order
      const error = refused.get(id)
      return error ? { ...line, error: errorOf(error) } : { ...line, orderId: id }
    })
  }

  async #view(judged: readonly Judged[], customerId: UserId, done?: ReadonlyMap<number, BulkLine>): Promise<BulkView> {
    const { availableCoins } = await this.#deps.coins.balance(customerId)
    const orders = judged.flatMap(({ right }) => (right ? [right.order] : []))
    const lines = judged.map(({ line, error }) => done?.get(line.line) ?? { ...line, ...(error && { error }) })
    return {
      lines,
      valid: orders.length,
      invalid: judged.length - orders.length,
      placed: lines.filter(({ orderId }) => orderId !== undefined).length,
      costCoins: costOf(orders),
      balanceCoins: availableCoins,
      nextDueAt: orders[0] ? firstRuns(planOfNew(orders[0])) : [],
    }
  }
}

function keyOf(key: string, { line }: ImportLine): string {
  return JSON.stringify([key, line])
}

function costOf(orders: readonly Order[]): number {
  return orders.reduce((sum, order) => sum + orderCost(order), 0)
}

function errorOf(error: CodedError): NonNullable<BulkLine['error']> {
  const field = error.fields[0]?.field
  return { code: error.code, message: error.message, ...(field !== undefined && { field }) }
}

function invalidLines(judged: readonly Judged[]): CodedError {
  const wrong = judged.flatMap(({ line, error }) => (error ? [{ line: line.line, error }] : []))
  const fields = wrong.map(({ line, error }) => ({ field: `lines.${line}`, problem: error.message }))
  return new CodedError('invalid_input', `${wrong.length} lines are not valid; nothing was placed.`, { fields })
}
