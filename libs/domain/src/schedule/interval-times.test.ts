import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TimeWindow } from '../orders/order.ts'
import { IntervalTimes } from './interval-times.ts'
import { openHours } from './open-hours.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ZONE = 'Europe/Berlin'
const workdays: TimeWindow = { days: [1, 2, 3, 4, 5], fromMinute: 8 * 60, untilMinute: 18 * 60 }
/** Monday. */
const MONDAY = Date.UTC(2026, 0, 5)

const local = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** `Mon 08:00` in Berlin. */
function shown(instant: number): string {
  return local.format(instant).replace(',', '')
}

function listed(times: IntervalTimes, from: number, count: number): number[] {
  const all: number[] = []
  for (let due = times.after(from - 1); all.length < count; due = times.after(due)) all.push(due)
  return all
}

function windowed(startAt: number, intervalMs: number, windows: readonly TimeWindow[] = [workdays]): IntervalTimes {
  return new IntervalTimes(startAt, intervalMs, openHours(windows, ZONE))
}

/** Straight from the words: look at every minute, ask the zone's clock whether it is open. */
function model(startAt: number, intervalMs: number, windows: readonly TimeWindow[], days: number): number[] {
  const names = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const open = (at: number) => {
    const [day = '', clock = ''] = shown(at).split(' ')
    const minute = Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
    const within = (one: TimeWindow, name: string, now: number) =>
      one.days.some((each) => names[each] === name) && now >= one.fromMinute && now < endOf(one)
    const before = names[names.indexOf(day) === 1 ? 7 : names.indexOf(day) - 1]!
    return windows.some((one) => within(one, day, minute) || within(one, before, minute + 1440))
  }
  const dues: number[] = []
  let moved = false
  const end = startAt + days * DAY
  for (let at = startAt; at < end;) {
    if (!open(at)) {
      moved ||= (at - startAt) % intervalMs === 0
      at += MINUTE
      continue
    }
    const opensAt = at
    const own: number[] = []
    // Windows may leave no minute of the week closed.
    for (; at < end && open(at); at += MINUTE) if ((at - startAt) % intervalMs === 0) own.push(at)
    dues.push(...(own.length > 0 ? own : moved ? [opensAt] : []))
    moved = false
  }
  return dues
}

function endOf({ fromMinute, untilMinute }: TimeWindow): number {
  return untilMinute > fromMinute ? untilMinute : untilMinute + 1440
}

/** Off the hour in which the clocks change, where the words say which pass counts and the minutes do not. */
const minuteOfDay = fc.oneof(fc.integer({ min: 0, max: 110 }), fc.integer({ min: 181, max: 1439 }))
const someWindow = fc
  .record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }).map((days) => days.sort()),
    fromMinute: minuteOfDay,
    untilMinute: fc.oneof(minuteOfDay, fc.constant(1440)).map((minute) => Math.max(1, minute)),
  })
  .filter(({ fromMinute, untilMinute }) => fromMinute !== untilMinute)

describe('an interval within windows', () => {
  it('leaves out what falls outside and does not make up for it at the opening', () => {
    const hourly = windowed(MONDAY + 15 * HOUR + 30 * MINUTE, HOUR)
    expect(listed(hourly, 0, 5).map(shown)).toEqual(['Mon 16:30', 'Mon 17:30', 'Tue 08:30', 'Tue 09:30', 'Tue 10:30'])
  })

  it('moves to the opening what else would never come', () => {
    const daily = windowed(MONDAY + 19 * HOUR, DAY)
    expect(listed(daily, 0, 5).map(shown)).toEqual(['Tue 08:00', 'Wed 08:00', 'Thu 08:00', 'Fri 08:00', 'Mon 08:00'])
    const saturdays = windowed(MONDAY + 5 * DAY + 12 * HOUR, 7 * DAY)
    expect(listed(saturdays, 0, 2).map(shown)).toEqual(['Mon 08:00', 'Mon 08:00'])
  })

  it('keeps the zone’s hours through both changes of its clocks', () => {
    const spring = windowed(Date.UTC(2026, 2, 27, 7), 5 * HOUR)
    expect(listed(spring, 0, 5).map(shown)).toEqual(['Fri 08:00', 'Fri 13:00', 'Mon 12:00', 'Mon 17:00', 'Tue 08:00'])
    const autumn = windowed(Date.UTC(2026, 9, 24, 6), DAY, [{ ...workdays, days: [1, 6, 7] }])
    expect(listed(autumn, 0, 3).map(shown)).toEqual(['Sat 08:00', 'Sun 08:00', 'Mon 08:00'])
  })

  it('does not open in the hour that a change swallows, and opens once in the hour that comes twice', () => {
    const night: TimeWindow = { days: [7], fromMinute: 120, untilMinute: 180 }
    const spring = windowed(Date.UTC(2026, 2, 28, 12), HOUR, [night])
    expect(listed(spring, 0, 1)).toEqual([Date.UTC(2026, 3, 5, 0)])
    const autumn = windowed(Date.UTC(2026, 9, 24, 12), 30 * MINUTE, [{ ...night, untilMinute: 150 }])
    expect(listed(autumn, 0, 2)).toEqual([Date.UTC(2026, 9, 25, 0), Date.UTC(2026, 10, 1, 1)])
  })

  it('joins windows that touch, over midnight and over the weekend', () => {
    const halves: TimeWindow[] = [
      { days: [7], fromMinute: 22 * 60, untilMinute: 1440 },
      { days: [1], fromMinute: 0, untilMinute: 6 * 60 },
    ]
    const whole: TimeWindow[] = [{ days: [7], fromMinute: 22 * 60, untilMinute: 6 * 60 }]
    const from = MONDAY + 6 * DAY + 12 * HOUR
    const once = listed(windowed(from, 4 * HOUR, whole), 0, 6)
    expect(once.map(shown).slice(0, 2)).toEqual(['Mon 01:00', 'Mon 05:00'])
    expect(listed(windowed(from, 4 * HOUR, halves), 0, 6)).toEqual(once)
  })

  it('is what looking at every minute finds, around both changes of clocks', () => {
    const starts = fc.constantFrom(Date.UTC(2026, 2, 27), Date.UTC(2026, 9, 23), MONDAY)
    const intervals = fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 90, max: 20_000 }))
    fc.assert(
      fc.property(
        starts,
        fc.nat(3 * 1440),
        intervals,
        fc.array(someWindow, { minLength: 1, maxLength: 3 }),
        (base, ahead, minutes, windows) => {
          const startAt = base + ahead * MINUTE
          const expected = model(startAt, minutes * MINUTE, windows, 12).filter((due) => due < startAt + 11 * DAY)
          const times = windowed(startAt, minutes * MINUTE, windows)
          expect(listed(times, 0, expected.length)).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('counts and indexes what stepping finds', () => {
    fc.assert(
      fc.property(
        fc.array(someWindow, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(50),
        (windows, minutes, skip) => {
          const times = windowed(MONDAY, minutes * MINUTE, windows)
          const dues = listed(times, 0, 60)
          expect(dues.map((_, index) => times.nth(MONDAY, index))).toEqual(dues)
          const from = dues[skip]! - (minutes % 2)
          expect(times.nth(from, 3)).toBe(dues[skip + 3])
          for (const until of [dues[59]!, dues[59]! - 1, dues[skip]!]) {
            expect(times.count(from, until, 1000)).toBe(dues.filter((due) => due >= from && due <= until).length)
          }
          expect(times.count(MONDAY, dues[59]!, 10)).toBe(10)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('ends with the calendar, and does not look for a place without end', () => {
    const rare = windowed(MONDAY, 366 * DAY, [{ days: [3], fromMinute: 60, untilMinute: 61 }])
    expect(rare.nth(MONDAY, 999_999)).toBe(Infinity)
    expect(windowed(MONDAY, MINUTE).nth(MONDAY, 1_000_000, 10)).toBe(Infinity)
  })
})
