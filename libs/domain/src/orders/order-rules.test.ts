import { describe, expect, it } from 'vitest'
import {
  checkOrder,
  MAX_START_AHEAD_MS,
  orderCost,
  repetitionsOf,
  type OrderInput,
  type OrderLimits,
  type ScheduleInput,
  scheduleOf,
} from './order-rules.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const limits: OrderLimits = {
  minIntervalMs: 10_000,
  maxIntervalMs: 366 * 86_400_000,
  maxRepetitions: 1_000_000,
  maxPriceCoins: 100,
  minPatienceMs: 1000,
  maxPatienceMs: 86_400_000,
}
const hourly: ScheduleInput = { kind: 'interval', intervalMs: 3_600_000 }
const nightly: ScheduleInput = { kind: 'cron', expression: '30 2 * * *', timeZone: 'Europe/Berlin' }
const workday = { days: [1, 2, 3, 4, 5], fromMinute: 480, untilMinute: 1080 }
const good: OrderInput = {
  url: 'https://example.org/',
  schedule: hourly,
  repetitions: 24,
  priceCoins: 1,
  patienceMs: 600_000,
}

function codesOf(change: Partial<OrderInput>): string[] {
  return checkOrder({ ...good, ...change }, limits, NOW).map(({ field, code }) => `${field} ${code}`)
}

describe('checkOrder', () => {
  it.each<[string, Partial<OrderInput>]>([
    ['an hourly order', {}],
    ['an order that runs once', { schedule: { kind: 'once' }, repetitions: 1 }],
    ['a nightly order', { schedule: nightly }],
    [
      'the shortest interval and the most repetitions',
      { schedule: { kind: 'interval', intervalMs: 10_000 }, repetitions: 1_000_000 },
    ],
    ['the longest interval', { schedule: { kind: 'interval', intervalMs: limits.maxIntervalMs } }],
    ['the highest price', { priceCoins: 100 }],
    ['a start a minute ago', { schedule: { ...hourly, startAt: NOW - 60_000 } }],
    ['a start five years ahead', { schedule: { ...hourly, startAt: NOW + MAX_START_AHEAD_MS } }],
    ['a cron schedule every ten seconds', { schedule: { ...nightly, expression: '*/10 * * * * *' } }],
    [
      'a single time of a cron schedule that comes often',
      { schedule: { ...nightly, expression: '* * * * * *' }, repetitions: 1 },
    ],
    [
      'windows and jitter',
      { schedule: { ...hourly, timeZone: 'Europe/Berlin', windows: [workday], jitterMs: 3_599_999 } },
    ],
    ['no jitter', { schedule: { ...hourly, jitterMs: 0 } }],
    ['a night over two days', { schedule: { ...hourly, timeZone: 'UTC', windows: [{ ...workday, untilMinute: 60 }] } }],
    ['jitter within the gaps of a cron schedule', { schedule: { ...nightly, jitterMs: 21_600_000 } }],
    ['an end instead of repetitions', { repetitions: 0, until: NOW }],
    ['a leap day', { schedule: { ...nightly, expression: '0 0 29 2 *' }, repetitions: 2 }],
  ])('accepts %s', (_, change) => {
    expect(codesOf(change)).toEqual([])
  })

  it.each<[string, Partial<OrderInput>]>([
    ['schedule.timeZone zone_unknown', { schedule: { ...hourly, windows: [workday] } }],
    ['schedule.timeZone zone_unknown', { schedule: { ...hourly, timeZone: 'Nowhere/Land' } }],
    ...[
      [],
      Array.from({ length: 8 }, () => workday),
      [{ ...workday, days: [] }],
      [{ ...workday, days: [2, 1] }],
      [{ ...workday, days: [1, 1] }],
      [{ ...workday, days: [8] }],
      [{ ...workday, fromMinute: 1440 }],
      [{ ...workday, untilMinute: 1441 }],
      [{ ...workday, untilMinute: 480 }],
      [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, untilMinute: 1440 }],
    ].map((windows): [string, Partial<OrderInput>] => [
      'schedule.windows windows_invalid',
      { schedule: { ...hourly, timeZone: 'UTC', windows } },
    ]),
    ['schedule.jitterMs jitter_out_of_range', { schedule: { ...hourly, jitterMs: 3_600_000 } }],
    ['schedule.jitterMs jitter_out_of_range', { schedule: { ...hourly, jitterMs: -1 } }],
    [
      'schedule.jitterMs jitter_out_of_range',
      { schedule: { ...hourly, intervalMs: 86_400_000, jitterMs: 21_600_001 } },
    ],
    [
      'schedule.jitterMs jitter_out_of_range',
      { schedule: { ...nightly, expression: '*/5 * * * *', jitterMs: 300_000 } },
    ],
    ['until until_too_early', { until: NOW - 1 }],
    ['until until_too_late', { until: NOW + 21 * 366 * 86_400_000 }],
    ['until once_repeats', { schedule: { kind: 'once' }, until: NOW + 5 }],
    ['until repetitions_out_of_range', { schedule: { ...hourly, intervalMs: 10_000 }, until: NOW + 10_000_000_000 }],
    ['url url_scheme', { url: 'ftp://example.org/' }],
    ['schedule.startAt start_in_past', { schedule: { ...hourly, startAt: NOW - 60_001 } }],
    ['schedule.startAt start_too_far', { schedule: { ...hourly, startAt: NOW + MAX_START_AHEAD_MS + 1 } }],
    ['schedule.startAt start_invalid', { schedule: { ...hourly, startAt: NaN } }],
    ['schedule.startAt start_invalid', { schedule: { ...nightly, startAt: Infinity } }],
    ['schedule.intervalMs interval_out_of_range', { schedule: { kind: 'interval', intervalMs: 9999 } }],
    ['schedule.intervalMs interval_out_of_range', { schedule: { kind: 'interval', intervalMs: 0 } }],
    ['schedule.intervalMs interval_out_of_range', { schedule: { kind: 'interval', intervalMs: -5 } }],
    ['schedule.intervalMs interval_out_of_range', { schedule: { kind: 'interval', intervalMs: 10_000.5 } }],
    [
      'schedule.intervalMs interval_out_of_range',
      { schedule: { kind: 'interval', intervalMs: limits.maxIntervalMs + 1 } },
    ],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: 'every night' } }],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: '' } }],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: '61 * * * *' } }],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: '* * * * * * 2030' } }],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: '2030-01-01T00:00:00' } }],
    ['schedule.expression cron_invalid', { schedule: { ...nightly, expression: `0 0 * * ${'1,'.repeat(100)}1` } }],
    ['schedule.timeZone zone_unknown', { schedule: { ...nightly, timeZone: 'Mars/Olympus' } }],
    ['schedule.timeZone zone_unknown', { schedule: { ...nightly, timeZone: '+01:00' } }],
    ['schedule.timeZone zone_unknown', { schedule: { ...nightly, timeZone: '' } }],
    ['schedule.expression cron_never_fires', { schedule: { ...nightly, expression: '0 0 30 2 *' } }],
    ['schedule.expression cron_never_fires', { schedule: { ...nightly, expression: '0 0 29 2 +1' } }],
    ['schedule.expression cron_too_often', { schedule: { ...nightly, expression: '*/5 * * * * *' } }],
    [
      'schedule.expression cron_too_often',
      { schedule: { ...nightly, expression: '55,59 30 2 * * *' }, repetitions: 2 },
    ],
    ['repetitions repetitions_out_of_range', { repetitions: 0 }],
    ['repetitions repetitions_out_of_range', { repetitions: 1_000_001 }],
    ['repetitions repetitions_out_of_range', { repetitions: 1.5 }],
    ['repetitions repetitions_out_of_range', { repetitions: NaN }],
    ['repetitions once_repeats', { schedule: { kind: 'once' }, repetitions: 2 }],
    ['repetitions once_repeats', { schedule: { kind: 'once' }, repetitions: 0 }],
    [
      'repetitions ends_too_late',
      { schedule: { kind: 'interval', intervalMs: limits.maxIntervalMs }, repetitions: 8000 },
    ],
    ['priceCoins price_out_of_range', { priceCoins: 0 }],
    ['priceCoins price_out_of_range', { priceCoins: 101 }],
    ['priceCoins price_out_of_range', { priceCoins: 0.5 }],
    ['patienceMs patience_out_of_range', { patienceMs: 999 }],
    ['patienceMs patience_out_of_range', { patienceMs: 86_400_001 }],
  ])('tells of %s: %j', (problem, change) => {
    expect(codesOf(change)).toEqual([problem])
  })

  it('tells everything at once, in the order of the fields', () => {
    expect(
      codesOf({
        url: 'nowhere',
        schedule: { kind: 'cron', startAt: 5, expression: 'x', timeZone: 'y' },
        repetitions: 0,
        priceCoins: 0,
        patienceMs: 0,
      }),
    ).toEqual([
      'url url_invalid',
      'schedule.startAt start_in_past',
      'schedule.expression cron_invalid',
      'schedule.timeZone zone_unknown',
      'repetitions repetitions_out_of_range',
      'priceCoins price_out_of_range',
      'patienceMs patience_out_of_range',
    ])
  })

  it('says what is allowed instead, in words', () => {
    expect(checkOrder({ ...good, schedule: { kind: 'interval', intervalMs: 5 } }, limits, NOW)).toEqual([
      {
        field: 'schedule.intervalMs',
        code: 'interval_out_of_range',
        problem: 'is too small',
        allowed: '10000 to 31622400000',
      },
    ])
  })

  it('accepts the most repetitions that it says end in time', () => {
    const schedule: ScheduleInput = { kind: 'interval', intervalMs: limits.maxIntervalMs }
    const [problem] = checkOrder({ ...good, schedule, repetitions: 8000 }, limits, NOW)
    const most = Number(/\d+/.exec(problem!.allowed)![0])
    expect(codesOf({ schedule, repetitions: most })).toEqual([])
    expect(codesOf({ schedule, repetitions: most + 1 })).toEqual(['repetitions ends_too_late'])
  })
})

describe('scheduleOf', () => {
  it('starts now when no start is given or it is a little past', () => {
    expect(scheduleOf(hourly, NOW)).toEqual({ ...hourly, startAt: NOW })
    expect(scheduleOf({ kind: 'once', startAt: NOW - 5 }, NOW)).toEqual({ kind: 'once', startAt: NOW })
  })

  it('keeps a start that lies ahead', () => {
    expect(scheduleOf({ ...nightly, startAt: NOW + 5 }, NOW)).toEqual({ ...nightly, startAt: NOW + 5 })
  })
})

describe('orderCost', () => {
  it('is the price of every repetition', () => {
    expect(orderCost({ repetitions: 24, priceCoins: 3 })).toBe(72)
  })
})

describe('an end instead of repetitions', () => {
  const counted = (schedule: ScheduleInput, until: number) =>
    repetitionsOf({ repetitions: 1, until }, scheduleOf(schedule, NOW), 1_000_000)

  it('counts what is due up to it', () => {
    expect(counted(hourly, NOW)).toBe(1)
    expect(counted(hourly, NOW + 3 * 3_600_000 - 1)).toBe(3)
    expect(counted(nightly, NOW + 3 * 86_400_000)).toBe(3)
    expect(counted({ ...hourly, timeZone: 'UTC', windows: [workday] }, NOW + 86_400_000)).toBe(11)
  })
})

it('keeps of a schedule what says something', () => {
  expect(scheduleOf({ ...hourly, timeZone: 'UTC', windows: undefined, jitterMs: 0 }, NOW)).toEqual({
    ...hourly,
    startAt: NOW,
  })
})
