import { Cron } from 'croner'
import type { Instant } from '../clock.ts'

/** The moments at which a cron expression fires in a time zone: whole seconds, ascending, each once. */
export interface CronTimes {
  /** The lowest moment strictly after `instant`; `Infinity` when there is none. */
  after(instant: Instant): Instant
}

const REMEMBERED = 2000
const remembered = new Map<string, CronTimes>()

/**
 * The firing times of `expression` (five fields, or six with seconds first) in the IANA zone `timeZone`. Throws for an
 * expression or a zone that `checkOrder` would refuse.
 *
 * Daylight saving follows croner: an expression with one value each for second, minute and hour fires after a gap that
 * swallowed its time, and once, the first time, when its time comes twice; any other expression leaves out what a gap
 * swallows and fires in both passes of a repeated hour.
 */
export function cronTimes(expression: string, timeZone: string): CronTimes {
  const key = `${timeZone} ${expression}`
  const known = remembered.get(key)
  if (known) return known
  const cron = new Cron(expression, { timezone: timeZone, mode: '5-or-6-parts' })
  if (cron.getPattern() === undefined) throw new RangeError('a date is not a cron expression')
  const times: CronTimes = { after: (instant) => cron.nextRun(new Date(instant))?.getTime() ?? Infinity }
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(key, times)
  return times
}
