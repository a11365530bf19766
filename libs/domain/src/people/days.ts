import type { Instant } from '../clock.ts'

const DAY_MS = 86_400_000
/** The epoch was a Thursday. */
const FIRST_MONDAY = 4

/** Days since the epoch, in universal time. */
export type Day = number

export function dayOf(at: Instant): Day {
  return Math.floor(at / DAY_MS)
}

/** The Monday of the week that this day is in. */
export function mondayOf(day: Day): Day {
  return day - ((((day - FIRST_MONDAY) % 7) + 7) % 7)
}

export function startOfDay(day: Day): Instant {
  return day * DAY_MS
}
