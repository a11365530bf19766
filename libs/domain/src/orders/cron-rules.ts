import type { Instant } from '../clock.ts'
import { cronTimes } from '../schedule/cron-times.ts'
import type { OrderProblem } from './order-problem.ts'
import { isTimeZone } from './time-zone.ts'
import { jitterProblems } from './timing-rules.ts'

const MAX_EXPRESSION_LENGTH = 200
/** So many times of a cron schedule are looked at to find its closest two. */
const EXAMINED_TIMES = 100

interface CronRules {
  readonly repetitions: number
  readonly minIntervalMs: number
  readonly startAt: Instant
  readonly firstUntil: Instant
  readonly jitterMs: number | undefined
}

/** What is wrong with a cron schedule that would start at `startAt`; its first time must not lie after `firstUntil`. */
export function cronProblems(
  cron: { readonly expression: string; readonly timeZone: string },
  rules: CronRules,
): OrderProblem[] {
  const problems: OrderProblem[] = []
  const field = 'schedule.expression'
  const reason = expressionProblem(cron.expression)
  if (reason !== undefined) {
    const allowed = 'five fields (minute, hour, day, month, weekday), or six with seconds first'
    problems.push({ field, code: 'cron_invalid', problem: reason, allowed })
  }
  if (!isTimeZone(cron.timeZone)) {
    const allowed = 'an IANA name such as Europe/Berlin'
    problems.push({ field: 'schedule.timeZone', code: 'zone_unknown', problem: 'is not a known time zone', allowed })
  }
  return problems.length > 0 ? problems : timesProblems(cron, rules)
}

function timesProblems(
  cron: { readonly expression: string; readonly timeZone: string },
  rules: CronRules,
): OrderProblem[] {
  const field = 'schedule.expression'
  const times = cronTimes(cron.expression, cron.timeZone)
  let due = times.after(rules.startAt - 1)
  if (due > rules.firstUntil) {
    const problem = due === Infinity ? 'never comes' : 'does not come within five years'
    return [{ field, code: 'cron_never_fires', problem, allowed: 'a date that exists' }]
  }
  let gapMs = Infinity
  for (let time = 1; time < Math.min(EXAMINED_TIMES, rules.repetitions); time++) {
    const next = times.after(due)
    if (next - due < rules.minIntervalMs) {
      const allowed = `at least ${rules.minIntervalMs} ms between two times`
      return [{ field, code: 'cron_too_often', problem: `comes twice within ${next - due} ms`, allowed }]
    }
    gapMs = Math.min(gapMs, next - due)
    due = next
  }
  return jitterProblems(rules.jitterMs, gapMs)
}

function expressionProblem(expression: string): string | undefined {
  if (expression.length > MAX_EXPRESSION_LENGTH) return `is longer than ${MAX_EXPRESSION_LENGTH} characters`
  try {
    cronTimes(expression, 'UTC')
    return undefined
  } catch (error) {
    return `is not a cron expression: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'unreadable'}`
  }
}
