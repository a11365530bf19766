import type { Instant } from '../clock.ts'
import { cronProblems } from './cron-rules.ts'
import type { Order, Schedule } from './order.ts'
import type { OrderProblem } from './order-problem.ts'
import { parseTarget } from './target.ts'

/** How far back a start may lie, for slow forms and clocks that differ; it then counts as now. */
export const START_SLACK_MS = 60_000
/** How far ahead a start, and a cron schedule's first time, may lie. */
export const MAX_START_AHEAD_MS = 5 * 366 * 24 * 3600 * 1000
const END_OF_YEAR_9999 = 253_402_300_799_999

/** What the operator allows. All bounds are inclusive. */
export interface OrderLimits {
  readonly minIntervalMs: number
  readonly maxIntervalMs: number
  readonly maxRepetitions: number
  readonly maxPriceCoins: number
  readonly minPatienceMs: number
  readonly maxPatienceMs: number
}

/** A schedule as a customer states it: without `startAt` it starts now. */
export type ScheduleInput =
  | { readonly kind: 'once'; readonly startAt?: Instant | undefined }
  | { readonly kind: 'interval'; readonly startAt?: Instant | undefined; readonly intervalMs: number }
  | {
      readonly kind: 'cron'
      readonly startAt?: Instant | undefined
      readonly expression: string
      readonly timeZone: string
    }

/** The part of a customer's wish that has rules. */
export interface OrderInput {
  readonly url: string
  readonly schedule: ScheduleInput
  readonly repetitions: number
  readonly priceCoins: number
  readonly patienceMs: number
}

/** Everything wrong with an order at once, in the order of the fields; empty when it may be placed. */
export function checkOrder(input: OrderInput, limits: OrderLimits, now: Instant): OrderProblem[] {
  const target = parseTarget(input.url)
  return [
    ...(target.ok ? [] : [{ field: 'url', ...target.error }]),
    ...startProblems(input.schedule, now),
    ...scheduleProblems(input, limits, now),
    ...repetitionProblems(input, limits, now),
    ...rangeProblem({ field: 'priceCoins', code: 'price_out_of_range' }, input.priceCoins, [1, limits.maxPriceCoins]),
    ...rangeProblem({ field: 'patienceMs', code: 'patience_out_of_range' }, input.patienceMs, [
      limits.minPatienceMs,
      limits.maxPatienceMs,
    ]),
  ]
}

/** The schedule of an order that passed `checkOrder`: a start that is missing or a little past becomes `now`. */
export function scheduleOf(input: ScheduleInput, now: Instant): Schedule {
  return { ...input, startAt: Math.max(input.startAt ?? now, now) }
}

/** Coins that an order puts in escrow when it is placed. */
export function orderCost(order: Pick<Order, 'repetitions' | 'priceCoins'>): number {
  return order.repetitions * order.priceCoins
}

function startProblems(schedule: ScheduleInput, now: Instant): OrderProblem[] {
  const startAt = schedule.startAt ?? now
  const field = 'schedule.startAt'
  const allowed = 'from now to five years ahead'
  if (!Number.isSafeInteger(startAt)) {
    return [{ field, code: 'start_invalid', problem: 'is not a whole number of milliseconds', allowed }]
  }
  if (startAt < now - START_SLACK_MS) return [{ field, code: 'start_in_past', problem: 'is in the past', allowed }]
  if (startAt > now + MAX_START_AHEAD_MS)
    return [{ field, code: 'start_too_far', problem: 'is too far ahead', allowed }]
  return []
}

function scheduleProblems(input: OrderInput, limits: OrderLimits, now: Instant): OrderProblem[] {
  const { schedule, repetitions } = input
  switch (schedule.kind) {
    case 'once':
      return []
    case 'interval':
      return rangeProblem({ field: 'schedule.intervalMs', code: 'interval_out_of_range' }, schedule.intervalMs, [
        limits.minIntervalMs,
        limits.maxIntervalMs,
      ])
    case 'cron': {
      const firstUntil = now + MAX_START_AHEAD_MS
      const startAt = Math.max(schedule.startAt ?? now, now)
      const { minIntervalMs } = limits
      // An impossible start is told of by itself; the times are then looked at as if the order started now.
      return cronProblems(schedule, {
        repetitions,
        minIntervalMs,
        startAt: startAt <= firstUntil ? startAt : now,
        firstUntil,
      })
    }
  }
}

function repetitionProblems(input: OrderInput, limits: OrderLimits, now: Instant): OrderProblem[] {
  const { schedule, repetitions } = input
  const field = 'repetitions'
  if (schedule.kind === 'once') {
    return repetitions === 1
      ? []
      : [{ field, code: 'once_repeats', problem: 'does not fit an order that runs once', allowed: '1' }]
  }
  const outOfRange = rangeProblem({ field, code: 'repetitions_out_of_range' }, repetitions, [1, limits.maxRepetitions])
  if (outOfRange.length > 0 || schedule.kind !== 'interval' || !(schedule.intervalMs >= 1)) return outOfRange
  const most = Math.floor((END_OF_YEAR_9999 - Math.max(schedule.startAt ?? now, now)) / schedule.intervalMs) + 1
  if (!(repetitions > most)) return []
  return [{ field, code: 'ends_too_late', problem: 'reaches beyond the year 9999', allowed: `at most ${most}` }]
}

function rangeProblem(
  rule: Pick<OrderProblem, 'field' | 'code'>,
  value: number,
  [least, most]: readonly [number, number],
): OrderProblem[] {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return []
  const problem = Number.isSafeInteger(value)
    ? value < least
      ? 'is too small'
      : 'is too large'
    : 'is not a whole number'
  return [{ ...rule, problem, allowed: `${least} to ${most}` }]
}
