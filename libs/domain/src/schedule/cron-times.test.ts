import { Cron } from 'croner'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cronTimes } from './cron-times.ts'

/** The local clock's reading at the `count` moments that follow `from`, such as `29 Mar 03:00+02:00`. */
function readings(expression: string, from: string, count: number): string[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  })
  const times = cronTimes(expression, 'Europe/Berlin')
  const found: string[] = []
  for (let at = times.after(Date.parse(from)); found.length < count; at = times.after(at)) {
    found.push(format.format(at).replace(',', '').replace(' GMT', ''))
  }
  return found
}

describe('daylight saving in Berlin, as croner documents it', () => {
  it('runs a fixed time that the spring gap swallows when the gap is over', () => {
    expect(readings('30 2 * * *', '2026-03-27T23:00Z', 3)).toEqual([
      '28 Mar 02:30+01:00',
      '29 Mar 03:00+02:00',
      '30 Mar 02:30+02:00',
    ])
  })

  it('leaves out what the spring gap swallows of a repeating expression', () => {
    expect(readings('*/30 1-3 * * *', '2026-03-28T23:00Z', 5)).toEqual([
      '29 Mar 01:00+01:00',
      '29 Mar 01:30+01:00',
      '29 Mar 03:00+02:00',
      '29 Mar 03:30+02:00',
      '30 Mar 01:00+02:00',
    ])
  })

  it('runs a fixed time that comes twice in autumn once, the first time', () => {
    expect(readings('30 2 * * *', '2026-10-24T12:00Z', 2)).toEqual(['25 Oct 02:30+02:00', '26 Oct 02:30+01:00'])
  })

  it('runs a repeating expression in both passes of the repeated hour', () => {
    expect(readings('*/30 2 * * *', '2026-10-24T12:00Z', 5)).toEqual([
      '25 Oct 02:00+02:00',
      '25 Oct 02:30+02:00',
      '25 Oct 02:00+01:00',
      '25 Oct 02:30+01:00',
      '26 Oct 02:00+01:00',
    ])
  })
})

const expressions = [
  '* * * * *',
  '*/7 * * * *',
  '30 2 * * *',
  '0 0 * * *',
  '59 23 * * *',
  '*/15 0-3,22,23 * * *',
  '5,35 */20 * * * *',
  '0 9 * * 1-5',
  '0 0 L * *',
  '30 1 15W * *',
  '0 12 * * FRI#2',
  '0 12 13 * +FRI',
  '0 6 1,15 * MON',
  '0 0 29 2 *',
  '@daily',
]
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Havana',
  'Asia/Kathmandu',
  'Pacific/Apia',
]
const cases = fc.record({
  expression: fc.constantFrom(...expressions),
  zone: fc.constantFrom(...zones),
  from: fc.oneof(
    fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) }),
    // Around changes of clocks: Berlin's and New York's, Apia's lost day, Newfoundland's at one minute past midnight.
    fc
      .tuple(
        fc.constantFrom(
          '2026-03-08',
          '2026-03-29',
          '2026-10-25',
          '2026-11-01',
          '2011-12-30',
          '2010-11-07',
          '2010-03-14',
        ),
        fc.integer({ min: -2 * 86_400_000, max: 86_400_000 }),
      )
      .map(([day, off]) => Date.parse(day) + off),
  ),
})

describe('cronTimes', () => {
  it('finds just what croner finds, one after the other', () => {
    fc.assert(
      fc.property(cases, ({ expression, zone, from }) => {
        const cron = new Cron(expression, { timezone: zone })
        let expected = cron.nextRun(new Date(from))!.getTime()
        let found = cronTimes(expression, zone).after(from)
        for (let step = 0; step < 40; step++) {
          expect(new Date(found).toISOString()).toBe(new Date(expected).toISOString())
          expected = cron.nextRun(new Date(expected))?.getTime() ?? Infinity
          found = cronTimes(expression, zone).after(found)
          if (expected === Infinity) break
        }
      }),
      { numRuns: 150 },
    )
  })

  it('counts and indexes what stepping would find', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 1500 }), ({ expression, zone, from }, steps) => {
        const times = cronTimes(expression, zone)
        let due = times.after(from - 1)
        for (let step = 0; step < steps && times.after(due) !== Infinity; step++) due = times.after(due)
        fc.pre(due !== Infinity && due < Date.UTC(2900, 0))
        expect(times.nth(from, steps)).toBe(due)
        expect(times.count(from, due, 1e9)).toBe(steps + 1)
        expect(times.count(from, due - 1, 1e9)).toBe(steps)
        expect(times.count(from, due + 1, steps)).toBe(steps)
      }),
      { numRuns: 60 },
    )
  })

  it('never comes for a date that does not exist', () => {
    const times = cronTimes('0 0 30 2 *', 'Europe/Berlin')
    expect(times.after(Date.UTC(2026, 0))).toBe(Infinity)
    expect(times.nth(Date.UTC(2026, 0), 0)).toBe(Infinity)
    expect(times.count(Date.UTC(2026, 0), Date.UTC(2030, 0), 5)).toBe(0)
  })

  it('throws for a date, for too many fields and for an unknown zone', () => {
    expect(() => cronTimes('2030-01-01T00:00:00', 'UTC')).toThrow(RangeError)
    expect(() => cronTimes('* * * * * * 2030', 'UTC')).toThrow(/parts/)
    expect(() => cronTimes('* * * * *', 'Mars/Olympus')).toThrow(RangeError)
  })
})
