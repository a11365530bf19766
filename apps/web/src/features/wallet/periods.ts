import type { FlowPeriod } from '@quarry/domain'

const SHOWN = { day: 30, week: 26, month: 12 } as const satisfies Record<FlowPeriod, number>

/** The day of a time, in UTC. */
export function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** The first days of the periods that a chart shows, oldest first, as ISO dates; days are in UTC, weeks begin on Monday. */
export function periodStarts(per: FlowPeriod, now: number): readonly string[] {
  const today = new Date(now)
  const [year, month, date] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()]
  const monday = date - ((today.getUTCDay() + 6) % 7)
  return Array.from({ length: SHOWN[per] }, (_, index) => {
    const back = SHOWN[per] - 1 - index
    if (per === 'month') return Date.UTC(year, month - back, 1)
    return Date.UTC(year, month, per === 'week' ? monday - 7 * back : date - back)
  }).map(isoDay)
}

/** A period as a chart names it, in UTC as it was summed up. */
export function periodLabel(start: string, per: FlowPeriod, locale: string): string {
  const options =
    per === 'month' ? ({ month: 'short', year: 'numeric' } as const) : ({ day: 'numeric', month: 'short' } as const)
  return new Date(Date.parse(start)).toLocaleDateString(locale, { ...options, timeZone: 'UTC' })
}
