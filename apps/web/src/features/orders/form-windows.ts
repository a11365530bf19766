import type { MAX_WINDOWS } from '@quarry/contracts'
import type { TimeWindow } from '@quarry/domain'

export const maxWindows: typeof MAX_WINDOWS = 7
const DAY_MINUTES = 1440

/** Hours of a week as typed in: ISO weekdays, and times as a `time` field has them; 00:00 at the end is midnight. */
export interface FormWindow {
  readonly days: readonly number[]
  readonly from: string
  readonly until: string
}

export const businessHours: FormWindow = { days: [1, 2, 3, 4, 5], from: '08:00', until: '18:00' }
export const weekend: FormWindow = { days: [6, 7], from: '00:00', until: '00:00' }

function minutesOf(time: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}

/** `485` → `08:05`; the end of a day is `00:00`. */
export function clockOf(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor((minute % DAY_MINUTES) / 60))}:${two(minute % 60)}`
}

/** The window of the API. Defined for one that is not wrong. */
export function windowOf({ days, from, until }: FormWindow): TimeWindow & { days: number[] } {
  const fromMinute = minutesOf(from) ?? 0
  const untilMinute = minutesOf(until) || DAY_MINUTES
  return { days: [...days].sort((a, b) => a - b), fromMinute, untilMinute }
}

export function formWindow({ days, fromMinute, untilMinute }: TimeWindow): FormWindow {
  return { days, from: clockOf(fromMinute), until: clockOf(untilMinute) }
}

/** Whether one of them says nothing, or all day every day. */
export function windowsWrong(windows: readonly FormWindow[]): boolean {
  return windows.length > maxWindows || windows.some(isWrong)
}

function isWrong(window: FormWindow): boolean {
  const { days, from, until } = window
  if (days.length === 0 || minutesOf(from) === undefined || minutesOf(until) === undefined) return true
  const { fromMinute, untilMinute } = windowOf(window)
  return fromMinute === untilMinute || (days.length === 7 && fromMinute === 0 && untilMinute === DAY_MINUTES)
}

/** Whether it closes on the day after it opens. */
export function isOverNight(window: FormWindow): boolean {
  const { fromMinute, untilMinute } = windowOf(window)
  return untilMinute < fromMinute
}
