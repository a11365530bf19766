import type { TFunction } from 'i18next'
import { expect, it } from 'vitest'
import { plan } from '../../i18n/en/plan.ts'
import { scheduleSentence, type ToldSchedule } from './schedule-sentence.ts'

const t = ((key: keyof typeof plan, values: Record<string, unknown> = {}) => {
  const name = key.replace('plan.', '')
  const words =
    (plan as unknown as Record<string, string>)[name] ?? (plan as unknown as Record<string, string>)[`${name}_other`]
  return (words ?? key).replaceAll(/\{\{(\w+)(?:, number)?\}\}/g, (_, field: string) => String(values[field]))
}) as unknown as TFunction
const format = {
  interval: (ms: number) => `${ms} ms`,
  duration: (ms: number) => `${ms} ms`,
  dateTime: (at: number) => `#${at}`,
}
const told = (schedule: ToldSchedule) => scheduleSentence({ t, language: 'en' }, format, schedule)

it('tells a schedule in one sentence', () => {
  expect(told({ schedule: { kind: 'once' } })).toBe('Once, now')
  expect(told({ schedule: { kind: 'once', startAt: 7 }, repetitions: 1 })).toBe('Once, #7')
  expect(told({ schedule: { kind: 'interval', intervalMs: 5, startAt: 7 }, repetitions: 3 })).toBe(
    'Every 5 ms, from #7, 3 times',
  )
  const windows = [
    { days: [1, 2, 3, 5], fromMinute: 480, untilMinute: 1080 },
    { days: [6, 7], fromMinute: 1320, untilMinute: 1440 },
  ]
  const schedule = { kind: 'interval', intervalMs: 5, timeZone: 'Europe/Berlin', windows, jitterMs: 2 } as const
  expect(told({ schedule, until: 9 })).toBe(
    'Every 5 ms, on Mon–Wed, Fri 08:00–18:00 and Sat, Sun 22:00–24:00, by the clocks of Europe/Berlin, each up to 2 ms later, starting now, until #9',
  )
  const cron = { kind: 'cron', expression: '0 8 * * *', timeZone: 'UTC' } as const
  expect(told({ schedule: cron })).toBe('0 8 * * * (cron), by the clocks of UTC, starting now')
  expect(told({ schedule: cron, cronWords: 'At 08:00' })).toBe('At 08:00, by the clocks of UTC, starting now')
})
