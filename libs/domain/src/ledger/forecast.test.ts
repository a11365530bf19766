import { describe, expect, it } from 'vitest'
import { dayOf } from '../people/days.ts'
import { groupFlows, periodStart } from './flows.ts'
import { forecastCoins, type RunningOrder } from './forecast.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 21)

/** One repetition an hour for so many more. */
function hourly(repetitionsLeft: number, fields: Partial<RunningOrder> = {}): RunningOrder {
  const nextDueAt = NOW + 3_600_000
  const endsAt = nextDueAt + (repetitionsLeft - 1) * 3_600_000
  return { orderId: 'o', heldCoins: repetitionsLeft, nextDueAt, endsAt, repetitionsLeft, priceCoins: 1, ...fields }
}

describe('a forecast', () => {
  it('says nothing where nothing runs', () => {
    expect(forecastCoins(50, [], NOW)).toEqual({ availableCoins: 50, heldCoins: 0, burnPerDayCoins: 0 })
  })

  it('lasts for what is available and held, at the pace of what runs', () => {
    const forecast = forecastCoins(72, [hourly(48)], NOW)
    expect(forecast).toEqual({
      availableCoins: 72,
      heldCoins: 48,
      burnPerDayCoins: 24,
      runningUntil: NOW + 2 * DAY,
      lastsUntil: NOW + 5 * DAY,
    })
  })

  it('adds paces and prices, and ends with the last', () => {
    const forecast = forecastCoins(0, [hourly(24, { priceCoins: 2, heldCoins: 48 }), hourly(48)], NOW)
    expect(forecast).toMatchObject({ burnPerDayCoins: 72, heldCoins: 96, runningUntil: NOW + 2 * DAY })
  })

  it('counts what a paused order holds, not its pace', () => {
    const { nextDueAt: _, endsAt: __, ...paused } = hourly(10)
    expect(forecastCoins(5, [paused], NOW)).toEqual({ availableCoins: 5, heldCoins: 10, burnPerDayCoins: 0 })
  })

  it('knows of no end where one order has none', () => {
    const { endsAt: _, ...endless } = hourly(10)
    expect(forecastCoins(5, [endless, hourly(5)], NOW).runningUntil).toBeUndefined()
  })

  it('an order that runs once more has an end and no pace; decades are no forecast', () => {
    expect(forecastCoins(5, [hourly(1)], NOW)).toEqual({
      availableCoins: 5,
      heldCoins: 1,
      burnPerDayCoins: 0,
      runningUntil: NOW + 3_600_000,
    })
    expect(forecastCoins(1e9, [hourly(5)], NOW).lastsUntil).toBeUndefined()
  })
})

describe('sums', () => {
  it.each([
    ['2026-11-21', 'day', '2026-11-21'],
    ['2026-11-21', 'week', '2026-11-16'],
    ['2026-11-16', 'week', '2026-11-16'],
    ['2026-11-15', 'week', '2026-11-09'],
    ['2026-11-21', 'month', '2026-11-01'],
    ['2024-02-29', 'month', '2024-02-01'],
    ['1969-12-31', 'week', '1969-12-29'],
  ] as const)('%s belongs to the %s of %s', (day, per, start) => {
    expect(periodStart(dayOf(Date.parse(day)), per)).toBe(dayOf(Date.parse(start)))
  })

  it('adds up each kind by itself', () => {
    const monday = dayOf(Date.parse('2026-11-16'))
    const flow = { kind: 'payment', inCoins: 2, outCoins: 0 } as const
    const flows = [
      { day: monday, ...flow },
      { day: monday + 6, ...flow },
      { day: monday + 7, ...flow },
      { day: monday, kind: 'escrow', inCoins: 0, outCoins: 9 } as const,
    ]
    expect(groupFlows(flows, 'week')).toEqual([
      { day: monday, kind: 'escrow', inCoins: 0, outCoins: 9 },
      { day: monday, kind: 'payment', inCoins: 4, outCoins: 0 },
      { day: monday + 7, kind: 'payment', inCoins: 2, outCoins: 0 },
    ])
  })
})
