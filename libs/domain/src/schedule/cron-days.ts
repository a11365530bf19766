import { Cron } from 'croner'
import { DAY_MS } from './zone-days.ts'

const REMEMBERED = 500
const remembered = new Map<string, CronDays>()

/** The calendar days that the day, month and weekday fields of a cron expression name, the same in every zone. */
export interface CronDays {
  /** The lowest such day at or after `day`, by its number from 1970-01-01; undefined when none comes within a year. */
  next(day: number): number | undefined
}

/** The days of the last three fields of a cron expression. Throws when they cannot be read. */
export function cronDays(dateFields: string): CronDays {
  const known = remembered.get(dateFields)
  if (known) return known
  const days = /^[*?] [*?] [*?]$/.test(dateFields) ? { next: (day: number) => day } : countedDays(dateFields)
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(dateFields, days)
  return days
}

function countedDays(dateFields: string): CronDays {
  const midnights = new Cron(`0 0 ${dateFields}`, { timezone: 'UTC', mode: '5-part' })
  const years = new Map<number, number[]>()
  const daysOf = (year: number) => {
    let days = years.get(year)
    if (!days) {
      days = []
      const end = Date.UTC(year + 1, 0)
      let midnight = midnights.nextRun(new Date(Date.UTC(year, 0) - 1))
      for (; midnight && midnight.getTime() < end; midnight = midnights.nextRun(midnight)) {
        days.push(midnight.getTime() / DAY_MS)
      }
      years.set(year, days)
    }
    return days
  }
  return {
    next(day) {
      const year = new Date(day * DAY_MS).getUTCFullYear()
      return lowestFrom(daysOf(year), day) ?? daysOf(year + 1)[0]
    },
  }
}

/** The lowest of the ascending `days` that is at least `day`. */
function lowestFrom(days: readonly number[], day: number): number | undefined {
  let low = 0
  let high = days.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (days[middle]! < day) low = middle + 1
    else high = middle
  }
  return days[low]
}
