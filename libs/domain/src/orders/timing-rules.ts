import { openMinutesOfWeek } from '../schedule/open-hours.ts'
import type { TimeWindow } from './order.ts'
import type { OrderProblem } from './order-problem.ts'
import { isTimeZone } from './time-zone.ts'

/** Each time of a schedule may be put off by so much at most, and by less than lies between two times. */
export const MAX_JITTER_MS = 6 * 3600 * 1000
/** Windows of one schedule. */
export const MAX_WINDOWS = 7
const WEEK_MINUTES = 7 * 1440
const DAY_MINUTES = 1440

/** What is wrong with the open hours of an interval. */
export function windowProblems(schedule: {
  readonly windows?: readonly TimeWindow[] | undefined
  readonly timeZone?: string | undefined
}): OrderProblem[] {
  const { windows, timeZone } = schedule
  const problems: OrderProblem[] = []
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const allowed = 'an IANA name such as Europe/Berlin'
    problems.push({ field: 'schedule.timeZone', code: 'zone_unknown', problem: 'is not a known time zone', allowed })
  }
  if (windows === undefined) return problems
  if (timeZone === undefined) {
    const allowed = 'the zone whose clocks the windows follow'
    problems.push({ field: 'schedule.timeZone', code: 'zone_unknown', problem: 'is missing', allowed })
  }
  const wrong = windows.length < 1 || windows.length > MAX_WINDOWS || !windows.every(isWindow)
  if (wrong) {
    const allowed = `1 to ${MAX_WINDOWS} windows, each on days 1 to 7 from one minute of the day to another`
    problems.push({ field: 'schedule.windows', code: 'windows_invalid', problem: 'are no hours of a week', allowed })
  } else if (openMinutesOfWeek(windows) >= WEEK_MINUTES) {
    const allowed = 'windows that close now and then, or none'
    problems.push({ field: 'schedule.windows', code: 'windows_invalid', problem: 'never close', allowed })
  }
  return problems
}

/** What is wrong with a jitter, when two times lie at least `gapMs` apart. */
export function jitterProblems(jitterMs: number | undefined, gapMs: number): OrderProblem[] {
  const most = Math.min(MAX_JITTER_MS, gapMs - 1)
  if (jitterMs === undefined || (Number.isSafeInteger(jitterMs) && jitterMs >= 0 && jitterMs <= most)) return []
  const problem = jitterMs > most ? 'is too large' : 'is not a whole number of milliseconds'
  return [{ field: 'schedule.jitterMs', code: 'jitter_out_of_range', problem, allowed: `0 to ${most}` }]
}

function isWindow({ days, fromMinute, untilMinute }: TimeWindow): boolean {
  return (
    days.length > 0 &&
    days.every((day, index) => Number.isInteger(day) && day >= 1 && day <= 7 && day > (days[index - 1] ?? 0)) &&
    isMinute(fromMinute, 0, DAY_MINUTES - 1) &&
    isMinute(untilMinute, 1, DAY_MINUTES) &&
    fromMinute !== untilMinute
  )
}

function isMinute(minute: number, least: number, most: number): boolean {
  return Number.isInteger(minute) && minute >= least && minute <= most
}
