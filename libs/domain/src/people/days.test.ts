import { expect, test } from 'vitest'
import { dayOf, mondayOf, startOfDay } from './days.ts'

const day = (text: string) => dayOf(Date.parse(`${text}T00:00:00Z`))

test('a day begins at midnight, universal time', () => {
  expect(dayOf(startOfDay(20_000))).toBe(20_000)
  expect(dayOf(startOfDay(20_000) - 1)).toBe(19_999)
})

test.each([
  ['2026-11-16', '2026-11-16'],
  ['2026-11-21', '2026-11-16'],
  ['2026-11-22', '2026-11-16'],
  ['2026-11-23', '2026-11-23'],
  ['1970-01-01', '1969-12-29'],
])('the week of %s begins on %s', (date, monday) => {
  expect(mondayOf(day(date))).toBe(day(monday))
})
