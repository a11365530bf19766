import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, zoneDays } from './zone-days.ts'

const HOUR = 3_600_000

const calendars = new Map<string, Intl.DateTimeFormat>()

/** The number of the local day, by the calendar. */
function calendarDay(timeZone: string, instant: number): number {
  const calendar =
    calendars.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  calendars.set(timeZone, calendar)
  return Date.parse(calendar.format(instant)) / DAY_MS
}

const changes = fc.constantFrom(
  { timeZone: 'Europe/Berlin', at: Date.parse('2026-03-29T01:00Z') },
  { timeZone: 'Europe/Berlin', at: Date.parse('2026-10-25T01:00Z') },
  { timeZone: 'America/Havana', at: Date.parse('2026-03-08T05:00Z') },
  { timeZone: 'America/Havana', at: Date.parse('2026-11-01T05:00Z') },
  // At one minute past midnight the clocks went back into the day before.
  { timeZone: 'America/St_Johns', at: Date.parse('2010-11-07T02:31Z') },
  // The 30th of December 2011 never came.
  { timeZone: 'Pacific/Apia', at: Date.parse('2011-12-30T10:00Z') },
  { timeZone: 'Asia/Kathmandu', at: Date.parse('2026-01-01T00:00Z') },
)
const moments = fc.record({
  change: changes,
  offMs: fc.oneof(
    fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS }),
    // Just before and after each half hour, where days begin.
    fc
      .tuple(fc.integer({ min: -96, max: 96 }), fc.integer({ min: -90_000, max: 90_000 }))
      .map(([n, ms]) => (n * HOUR) / 2 + ms),
  ),
})

describe('zoneDays', () => {
  it('tells the local day of any moment, around changes of clocks too', () => {
    fc.assert(
      fc.property(moments, ({ change, offMs }) => {
        const instant = change.at + offMs
        expect(zoneDays(change.timeZone).dayAt(instant)).toBe(calendarDay(change.timeZone, instant))
      }),
      { numRuns: 2000 },
    )
  })

  it('calls a day plain only when it has 24 hours, all at one offset', () => {
    fc.assert(
      fc.property(moments, ({ change, offMs }) => {
        const day = calendarDay(change.timeZone, change.at + offMs)
        const offset = zoneDays(change.timeZone).plainOffset(day)
        if (offset === undefined) {
          expect(Math.abs(day - calendarDay(change.timeZone, change.at))).toBeLessThanOrEqual(1)
          return
        }
        const midnight = day * DAY_MS - offset
        for (const instant of [midnight, midnight + HOUR, midnight + 23 * HOUR, midnight + DAY_MS - 1]) {
          expect(calendarDay(change.timeZone, instant)).toBe(day)
        }
        expect(calendarDay(change.timeZone, midnight - 1)).not.toBe(day)
        expect(calendarDay(change.timeZone, midnight + DAY_MS)).not.toBe(day)
      }),
      { numRuns: 500 },
    )
  })

  it('calls the day of a change odd', () => {
    const day = Date.parse('2026-03-29') / DAY_MS
    expect([day - 1, day, day + 1].map((each) => zoneDays('Europe/Berlin').plainOffset(each))).toEqual([
      HOUR,
      undefined,
      2 * HOUR,
    ])
  })

  it('refuses a zone that does not exist', () => {
    expect(() => zoneDays('Mars/Olympus')).toThrow(RangeError)
  })
})
