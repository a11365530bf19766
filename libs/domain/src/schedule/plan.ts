import type { Schedule, Segment } from '../orders/order.ts'

/** The part of an order and its entry that fixes when every repetition is due. */
export interface Plan {
  readonly schedule: Schedule
  readonly repetitions: number
  readonly segments: readonly Segment[]
}

/** A repetition and its due time. */
export interface Due {
  readonly rep: number
  readonly dueAt: number
}
