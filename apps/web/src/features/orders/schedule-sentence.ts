import type { OrderView } from '@quarry/contracts'
import type { TimeWindow } from '@quarry/domain'
import type { TFunction } from 'i18next'
import { clockOf } from './form-windows.ts'

/** A schedule to be told: an order's, or one in a form, which may begin at once. */
export interface ToldSchedule {
  readonly schedule: Told<OrderView['schedule']>
  readonly repetitions?: number
  readonly until?: number
  /** A cron expression in words, once they are known. */
  readonly cronWords?: string
}

type Told<T> = T extends { readonly startAt: number } ? Omit<T, 'startAt'> & { readonly startAt?: number } : never

/** Whose words are used, and whose names of days. */
interface Speech {
  readonly t: TFunction
  readonly language: string
}

interface Formats {
  readonly interval: (ms: number) => string
  readonly duration: (ms: number) => string
  readonly dateTime: (at: number) => string
}

/** When an order runs, as one sentence without its full stop. */
export function scheduleSentence({ t, language }: Speech, format: Formats, told: ToldSchedule): string {
  const { schedule, repetitions, until, cronWords } = told
  const { startAt } = schedule
  if (schedule.kind === 'once') {
    return startAt === undefined ? t('plan.onceNow') : t('plan.once', { time: format.dateTime(startAt) })
  }
  const zone = schedule.timeZone === undefined ? [] : [t('plan.in', { zone: schedule.timeZone })]
  const when =
    schedule.kind === 'interval'
      ? t('plan.every', { interval: format.interval(schedule.intervalMs) })
      : (cronWords ?? t('plan.at', { expression: schedule.expression }))
  const windows = schedule.kind === 'interval' && schedule.windows
  const hours = windows ? [t('plan.during', { hours: hoursWords(t, language, windows) })] : []
  const end =
    until !== undefined
      ? [t('plan.untilTime', { time: format.dateTime(until) })]
      : repetitions === undefined
        ? []
        : [t('plan.times', { count: repetitions })]
  const spread = schedule.jitterMs ? [t('plan.spread', { time: format.duration(schedule.jitterMs) })] : []
  const start = startAt === undefined ? t('plan.startingNow') : t('plan.starting', { time: format.dateTime(startAt) })
  return [when, ...hours, ...zone, ...spread, start, ...end].join(', ')
}

function hoursWords(t: TFunction, language: string, windows: readonly TimeWindow[]): string {
  const words = windows.map(({ days, fromMinute, untilMinute }) =>
    t('plan.hours', {
      days: daysWords(language, days),
      from: clockOf(fromMinute),
      until: untilMinute === 1440 ? '24:00' : clockOf(untilMinute),
    }),
  )
  return new Intl.ListFormat(language).format(words)
}

/** `Mon–Fri, Sun`: runs of three or more days are told by their ends. */
function daysWords(language: string, days: readonly number[]): string {
  const runs: number[][] = []
  for (const day of days) {
    const last = runs.at(-1)
    if (last?.at(-1) === day - 1) last.push(day)
    else runs.push([day])
  }
  const name = (day: number) => dayName(language, day, 'short')
  return runs
    .flatMap((run) => (run.length > 2 ? [`${name(run[0] ?? 1)}–${name(run.at(-1) ?? 1)}`] : run.map(name)))
    .join(', ')
}

/** The name of an ISO weekday. */
export function dayName(language: string, day: number, width: 'short' | 'long'): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))
}
