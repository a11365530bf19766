import type { Instant, Order, OrderId, UserId } from '@quarry/domain'

/**
 * `placing`: written, coins perhaps not yet in escrow, perhaps not yet activated. `placed`: activated in its bucket.
 * `rejected`: the ledger refused the coins; the order never ran.
 */
export type PlacementState = 'placing' | 'placed' | 'rejected'

export interface PlacedOrder {
  /** As placed. */
  readonly order: Order
  readonly placement: PlacementState
  /** What the customer calls it since; unset while that is as placed. */
  readonly label?: OrderLabel
}

/** The words of an order that its customer may change at any time. */
export interface OrderLabel {
  readonly name: string
  readonly tags: readonly string[]
}

/** What a customer does not want to go beyond; what is unset has no limit. */
export interface SpendLimits {
  /** Most coins that one order may cost. */
  readonly orderCoins?: number
  /** Most coins that the orders of one UTC month may cost, less what came back. */
  readonly monthCoins?: number
}

/** One page of a longer list; `next` goes back in as `after`. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next?: string
}

/**
 * The orders as placed, which never change but for their label. Where an order stands is in `ScheduleStore`.
 * Reads see every write that was confirmed before they began. Throws `Unavailable`, and `UnknownOutcome` on writes:
 * repeating a write with the same arguments is always safe.
 */
export interface OrderStore {
  /** Writes a new order as `placing`. Of the same id again: returns what is stored, changes nothing. */
  create(order: Order): Promise<PlacedOrder>
  /** Moves an order on from `placing`. A final placement (`placed`, `rejected`) never changes; returns the one stored. */
  settlePlacement(orderId: OrderId, placement: 'placed' | 'rejected'): Promise<PlacementState>
  find(orderId: OrderId): Promise<PlacedOrder | undefined>
  /** Gives the order another label; the last one counts. Undefined, and nothing written, when there is no such order. */
  relabel(orderId: OrderId, label: OrderLabel): Promise<PlacedOrder | undefined>
  /** A customer's limits; none at first. */
  spendLimits(customerId: UserId): Promise<SpendLimits>
  /** Replaces a customer's limits; the last ones count. */
  setSpendLimits(customerId: UserId, limits: SpendLimits): Promise<void>
  /** A customer's orders, newest first, `rejected` ones left out. `limit` is 1 to 200. */
  ofCustomer(customerId: UserId, page: { after?: string; limit: number }): Promise<Page<PlacedOrder>>
  /** Orders still `placing` that were created before `before`, oldest first, at most `limit`: a crash left them. */
  unplaced(before: Instant, limit: number): Promise<readonly Order[]>
  /** Forgets an order for good, unless it is still `placing`. Repeating it is safe. */
  erase(orderId: OrderId): Promise<void>
  /** A customer's orders that were `rejected`, in any order, at most `limit`. */
  rejectedOf(customerId: UserId, limit: number): Promise<readonly OrderId[]>
}
