import type { Instant } from '../clock.ts'
import type { OrderId } from '../ids.ts'

const DAY_MS = 86_400_000
/** Beyond so many years a forecast says nothing. */
const LONGEST_MS = 20 * 366 * DAY_MS

/** An order that still runs, as a forecast sees it. */
export interface RunningOrder {
  readonly orderId: OrderId
  /** Coins of it that are in escrow: paid in and neither earned by a miner nor returned. */
  readonly heldCoins: number
  /** When its next repetition is due; absent when none is (paused, or all are under way). */
  readonly nextDueAt?: Instant
  /** When its last repetition is due; absent when that cannot be told. */
  readonly endsAt?: Instant
  /** Repetitions not due yet. */
  readonly repetitionsLeft: number
  readonly priceCoins: number
}

/** How long coins last. All orders are paid in full when they are placed, so those that run need nothing more. */
export interface Forecast {
  readonly availableCoins: number
  /** What all running orders still hold. */
  readonly heldCoins: number
  /** When the last of the running orders ends; absent when none runs, or one has no end that can be told. */
  readonly runningUntil?: Instant
  /** Coins that the running orders use up in a day at their present pace. */
  readonly burnPerDayCoins: number
  /**
   * When available and held coins would be used up, if orders went on at this pace for ever: those that end placed anew.
   * Absent when nothing runs, or it would last for decades.
   */
  readonly lastsUntil?: Instant
}

export function forecastCoins(availableCoins: number, orders: readonly RunningOrder[], now: Instant): Forecast {
  const heldCoins = orders.reduce((sum, order) => sum + order.heldCoins, 0)
  const due = orders.filter(({ nextDueAt }) => nextDueAt !== undefined)
  const burnPerDayCoins = due.reduce((sum, order) => sum + burnOf(order), 0)
  const ends = due.map(({ endsAt }) => endsAt)
  const allEnd = ends.length > 0 && ends.every((end) => end !== undefined)
  const lastsMs = burnPerDayCoins > 0 ? ((availableCoins + heldCoins) / burnPerDayCoins) * DAY_MS : Infinity
  return {
    availableCoins,
    heldCoins,
    ...(allEnd && { runningUntil: Math.max(...ends.map((end) => end)) }),
    burnPerDayCoins,
    ...(lastsMs <= LONGEST_MS && { lastsUntil: Math.round(now + lastsMs) }),
  }
}

/** An order's pace is that of its own rest: its repetitions from the next to the last; one that runs once more has none. */
function burnOf({ nextDueAt, endsAt, repetitionsLeft, priceCoins }: RunningOrder): number {
  if (nextDueAt === undefined || endsAt === undefined || repetitionsLeft < 2 || endsAt <= nextDueAt) return 0
  return (((repetitionsLeft - 1) * priceCoins) / (endsAt - nextDueAt)) * DAY_MS
}
