import type { OrderId } from '../ids.ts'
import type { Schedule, Segment } from '../orders/order.ts'

/** The part of an order and its entry that fixes when every repetition is due. */
export interface Plan {
  readonly schedule: Schedule
  readonly repetitions: number
  readonly segments: readonly Segment[]
  /** Fixes the jitter; without it there is none. */
  readonly orderId?: OrderId
}

/** A repetition and its due time. */
export interface Due {
  readonly rep: number
  readonly dueAt: number
}
