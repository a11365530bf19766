import { describe, expect, it } from 'vitest'
import type { Schedule } from '../orders/order.ts'
import type { Plan } from './plan.ts'
import { endsAt, upcoming, upcomingAfter } from './preview.ts'

const START = Date.UTC(2026, 0, 5)
const DAY = 86_400_000

function planOf(schedule: Schedule, repetitions: number): Plan {
  return { schedule, repetitions, segments: [{ fromRep: 0, baseAt: schedule.startAt }] }
}

const daily: Schedule = { kind: 'interval', startAt: START, intervalMs: DAY }
const nightly: Schedule = { kind: 'cron', startAt: START, expression: '30 2 * * *', timeZone: 'Europe/Berlin' }

describe('upcoming', () => {
  it('lists repetitions from one on, at most so many', () => {
    expect(upcoming(planOf(daily, 10), { fromRep: 3, limit: 2 })).toEqual([
      { rep: 3, dueAt: START + 3 * DAY },
      { rep: 4, dueAt: START + 4 * DAY },
    ])
  })

  it('ends with the last repetition', () => {
    expect(upcoming(planOf(daily, 10), { fromRep: 8, limit: 5 }).map(({ rep }) => rep)).toEqual([8, 9])
    expect(upcoming(planOf(daily, 10), { fromRep: 10, limit: 5 })).toEqual([])
    expect(upcoming(planOf(daily, 10), { fromRep: 0, limit: 0 })).toEqual([])
  })

  it('lists nothing for a cron schedule that never comes', () => {
    expect(upcoming(planOf({ ...nightly, expression: '0 0 30 2 *' }, 5), { fromRep: 0, limit: 5 })).toEqual([])
  })
})

describe('upcomingAfter', () => {
  it('lists what is due strictly after an instant', () => {
    expect(upcomingAfter(planOf(daily, 10), START + DAY, 2)).toEqual([
      { rep: 2, dueAt: START + 2 * DAY },
      { rep: 3, dueAt: START + 3 * DAY },
    ])
    expect(upcomingAfter(planOf(nightly, 400), Date.UTC(2026, 2, 28, 12), 2)).toEqual([
      { rep: 83, dueAt: Date.UTC(2026, 2, 29, 1) },
      { rep: 84, dueAt: Date.UTC(2026, 2, 30, 0, 30) },
    ])
    expect(upcomingAfter(planOf(daily, 10), START + 9 * DAY, 2)).toEqual([])
  })
})

describe('endsAt', () => {
  it('is when the last repetition is due', () => {
    expect(endsAt(planOf({ kind: 'once', startAt: START }, 1))).toBe(START)
    expect(endsAt(planOf(daily, 1_000_000))).toBe(START + 999_999 * DAY)
    expect(endsAt(planOf(nightly, 3))).toBe(Date.UTC(2026, 0, 7, 1, 30))
    expect(endsAt(planOf({ ...nightly, expression: '* * * * *' }, 1_000_000))).toBe(START + 999_999 * 60_000)
  })

  it('heeds pauses and run-now', () => {
    const segments = [
      { fromRep: 0, baseAt: START },
      { fromRep: 5, baseAt: START + 30 * DAY },
    ]
    expect(endsAt({ ...planOf(nightly, 7), segments })).toBe(START + 31 * DAY + 90 * 60_000)
    const last = { fromRep: 6, baseAt: START + 30 * DAY + 5, immediate: true as const }
    expect(endsAt({ ...planOf(nightly, 7), segments: [...segments, last] })).toBe(START + 30 * DAY + 5)
  })

  it('is not looked for when a cron schedule would take too long, or never gets there', () => {
    expect(endsAt(planOf(nightly, 5001))).toBeUndefined()
    expect(endsAt(planOf(nightly, 5000))).toBe(Date.UTC(2026, 0, 5 + 4999, 0, 30))
    expect(endsAt(planOf({ ...nightly, expression: '0 0 30 2 *' }, 2))).toBeUndefined()
  })
})
