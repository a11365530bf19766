import type { Instant } from '../clock.ts'
import { cronProblems } from './cron-rules.ts'
import type { Order, Schedule, TimeWindow } from './order.ts'
import { repetitionsUntil } from '../schedule/preview.ts'
import { jitterProblems, windowProblems } from './timing-rules.ts'
import type { OrderProblem } from './order-problem.ts'
import { parseTarget } from './target.ts'

/** How far back a start may lie, for slow forms and clocks that differ; it then counts as now. */
export const START_SLACK_MS = 60_000
/** How far ahead a start, and a cron schedule's first time, may lie. */
export const MAX_START_AHEAD_MS = 5 * 366 * 24 * 3600 * 1000
/** How far ahead an end may lie: repetitions are counted up to it. */
export const MAX_UNTIL_AHEAD_MS = 20 * 366 * 24 * 3600 * 1000
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
  | {
      readonly kind: 'interval'
      readonly startAt?: Instant | undefined
      readonly intervalMs: number
      readonly timeZone?: string | undefined
      readonly windows?: readonly TimeWindow[] | undefined
      readonly jitterMs?: number | undefined
    }
  | {
      readonly kind: 'cron'
      readonly startAt?: Instant | undefined
      readonly expression: string
      readonly timeZone: string
      readonly jitterMs?: number | undefined
    }

/** The part of a customer's wish that has rules. */
export interface OrderInput {
  readonly url: string
  readonly schedule: ScheduleInput
  readonly repetitions: number
  /** Instead of repetitions: those up to here, both ends included. */
  readonly until?: Instant | undefined
  readonly priceCoins: number
  readonly patienceMs: number
}

/** Everything wrong with an order at once, in the order of the fields; empty when it may be placed. */
export function checkOrder(input: OrderInput, limits: OrderLimits, now: Instant): OrderProblem[] {
  const target = parseTarget(input.url)
  const schedule = [...startProblems(input.schedule, now), ...scheduleProblems(input, limits, now)]
  return [
    ...(target.ok ? [] : [{ field: 'url', ...target.error }]),
    ...schedule,
    ...(input.until === undefined
      ? repetitionProblems(input, limits, now)
      : schedule.length > 0
        ? []
        : untilProblems(input.schedule, input.until, { limits, now })),
    ...rangeProblem({ field: 'priceCoins', code: 'price_out_of_range' }, input.priceCoins, [1, limits.maxPriceCoins]),
    ...rangeProblem({ field: 'patienceMs', code: 'patience_out_of_range' }, input.patienceMs, [
      limits.minPatienceMs,
      limits.maxPatienceMs,
    ]),
  ]
}

/**
 * The schedule of an order that passed `checkOrder`: a start that is missing or a little past becomes `now`. What is left
 * out, or says nothing, is absent.
 */
export function scheduleOf(input: ScheduleInput, now: Instant): Schedule {
  const startAt = Math.max(input.startAt ?? now, now)
  if (input.kind === 'once') return { kind: 'once', startAt }
  const jitter = input.jitterMs ? { jitterMs: input.jitterMs } : {}
  if (input.kind === 'cron') {
    const { kind, expression, timeZone } = input
    return { kind, startAt, expression, timeZone, ...jitter }
  }
  const { kind, intervalMs, windows, timeZone } = input
  return { kind, startAt, intervalMs, ...(windows && { timeZone: timeZone ?? 'UTC', windows }), ...jitter }
}

/** How many repetitions an order that passed `checkOrder` has: as given, or those up to `until`. */
export function repetitionsOf(
  input: Pick<OrderInput, 'repetitions' | 'until'>,
  schedule: Schedule,
  most: number,
): number {
  return input.until === undefined ? input.repetitions : repetitionsUntil(schedule, input.until, most)
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
    case 'interval': {
      const { intervalMs } = schedule
      const range = [limits.minIntervalMs, limits.maxIntervalMs] as const
      const interval = rangeProblem({ field: 'schedule.intervalMs', code: 'interval_out_of_range' }, intervalMs, range)
      const jitter = interval.length > 0 ? [] : jitterProblems(schedule.jitterMs, intervalMs)
      return [...interval, ...windowProblems(schedule), ...jitter]
    }
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
        jitterMs: schedule.jitterMs,
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

function untilProblems(
  schedule: ScheduleInput,
  until: Instant,
  { limits, now }: { limits: OrderLimits; now: Instant },
): OrderProblem[] {
  const field = 'until'
  if (schedule.kind === 'once') {
    return [{ field, code: 'once_repeats', problem: 'does not fit an order that runs once', allowed: 'nothing' }]
  }
  if (!(until <= now + MAX_UNTIL_AHEAD_MS)) {
    return [{ field, code: 'until_too_late', problem: 'is too far ahead', allowed: 'up to twenty years ahead' }]
  }
  const counted = repetitionsUntil(scheduleOf(schedule, now), until, limits.maxRepetitions + 1)
  if (counted === 0) {
    return [{ field, code: 'until_too_early', problem: 'lies before the first run', allowed: 'a time after it' }]
  }
  if (counted <= limits.maxRepetitions) return []
  const allowed = `at most ${limits.maxRepetitions} repetitions`
  return [{ field, code: 'repetitions_out_of_range', problem: 'makes too many repetitions', allowed }]
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
