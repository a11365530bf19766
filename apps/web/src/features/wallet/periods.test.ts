import { dayOf, periodStart } from '@quarry/domain'
import { expect, it } from 'vitest'
import { periodLabel, periodStarts } from './periods.ts'

it.each(['day', 'week', 'month'] as const)('begins each %s where the server does, the present one last', (per) => {
  for (const day of ['2026-11-21', '2026-11-22', '2026-11-23', '2024-02-29', '2026-01-01', '2026-03-31']) {
    const starts = periodStarts(per, Date.parse(`${day}T23:59:59Z`))
    expect(starts.at(-1)).toBe(
      new Date(periodStart(dayOf(Date.parse(day)), per) * 86_400_000).toISOString().slice(0, 10),
    )
    expect(new Set(starts).size).toBe(starts.length)
    expect([...starts].toSorted()).toEqual(starts)
    for (const start of starts) expect(periodStart(dayOf(Date.parse(start)), per)).toBe(dayOf(Date.parse(start)))
  }
})

it('names a period in words of the language, whatever zone the browser is in', () => {
  expect(periodLabel('2026-11-01', 'month', 'de')).toBe('Nov. 2026')
  expect(periodLabel('2026-11-01', 'day', 'en-GB')).toBe('1 Nov')
})
