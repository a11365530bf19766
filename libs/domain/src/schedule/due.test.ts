import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Schedule, Segment } from '../orders/order.ts'
import { dueAt, firstDueAfter, firstRepAfter, gridTimeFrom, nextDue } from './due.ts'
import type { Plan } from './plan.ts'

const START = Date.UTC(2026, 2, 27, 12)
const SECOND = 1000
const HOUR = 3600 * SECOND

function planOf(schedule: Schedule, repetitions: number, segments?: readonly Segment[]): Plan {
  return {
    ...{ schedule, repetitions, orderId: 'order-1' },
    segments: segments ?? [{ fromRep: 0, baseAt: schedule.startAt }],
  }
}

const once = planOf({ kind: 'once', startAt: START }, 1)
const interval: Schedule = { kind: 'interval', startAt: START, intervalMs: 10 * SECOND }
const cron: Schedule = { kind: 'cron', startAt: START, expression: '*/20 * * * *', timeZone: 'Europe/Berlin' }

const windowed: Schedule = {
  kind: 'interval',
  startAt: START,
  intervalMs: 50 * 60 * SECOND,
  timeZone: 'Europe/Berlin',
  windows: [{ days: [1, 2, 6, 7], fromMinute: 60, untilMinute: 600 }],
}
const schedules = [
  interval,
  cron,
  windowed,
  { ...interval, jitterMs: 9 * SECOND },
  { ...cron, jitterMs: 15 * 60 * SECOND },
  { ...windowed, jitterMs: 3 * HOUR },
] as const

/** Plans as the transitions make them: pauses leave gaps, run-now puts an immediate repetition before the old grid. */
const plans = fc
  .record({
    schedule: fc.constantFrom<Schedule>(...schedules),
    turns: fc.array(
      fc.record({
        reps: fc.integer({ min: 1, max: 30 }),
        gapMs: fc.integer({ min: 0, max: 40 * HOUR }),
        runNow: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
    more: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ schedule, turns, more }) => {
    let plan = planOf(schedule, 1_000_000)
    let rep = 0
    for (const turn of turns) {
      rep += turn.reps
      const due = dueAt(plan, rep)
      const before = dueAt(plan, rep - 1)
      const added: Segment[] = turn.runNow
        ? [
            { fromRep: rep, baseAt: before + Math.floor((due - before) / 2), immediate: true },
            { fromRep: rep + 1, baseAt: due },
          ]
        : [{ fromRep: rep, baseAt: gridTimeFrom(plan, rep, due + turn.gapMs) }]
      plan = { ...plan, segments: [...plan.segments, ...added] }
      if (turn.runNow) rep++
    }
    return { ...plan, repetitions: rep + more }
  })

function allDues(plan: Plan): number[] {
  return Array.from({ length: plan.repetitions }, (_, rep) => dueAt(plan, rep))
}

describe('dueAt', () => {
  it('is the start of a once order', () => {
    expect(dueAt(once, 0)).toBe(START)
  })

  it('counts intervals from the start, not from what ran last', () => {
    const plan = planOf(interval, 1_000_000)
    expect(dueAt(plan, 0)).toBe(START)
    expect(dueAt(plan, 999_999)).toBe(START + 999_999 * 10 * SECOND)
  })

  it('begins a cron order with its first time at or after the start', () => {
    expect(dueAt(planOf(cron, 3), 0)).toBe(START)
    expect(dueAt(planOf({ ...cron, startAt: START + 1 }, 3), 0)).toBe(START + 20 * 60 * SECOND)
  })

  it('counts from the last segment that has begun', () => {
    const plan = planOf(interval, 10, [
      { fromRep: 0, baseAt: START },
      { fromRep: 2, baseAt: START + HOUR },
      { fromRep: 4, baseAt: START + HOUR + 15 * SECOND, immediate: true },
      { fromRep: 5, baseAt: START + HOUR + 20 * SECOND },
    ])
    expect(allDues(plan).map((due) => (due - START) / SECOND)).toEqual([
      0, 10, 3600, 3610, 3615, 3620, 3630, 3640, 3650, 3660,
    ])
  })

  it('puts repetitions before the first segment kept at its base', () => {
    const plan = planOf(interval, 10, [{ fromRep: 5, baseAt: START }])
    expect([3, 4, 5, 6].map((rep) => dueAt(plan, rep) - START)).toEqual([0, 0, 0, 10 * SECOND])
  })

  it.each([-1, 1, 0.5, NaN])('knows no repetition %d of one', (rep) => {
    expect(() => dueAt(once, rep)).toThrow(RangeError)
  })

  it('never falls from one repetition to the next', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const dues = allDues(plan)
        expect(dues).toEqual([...dues].sort((a, b) => a - b))
      }),
    )
  })
})

describe('nextDue', () => {
  it('walks through just the times of dueAt, then ends', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const walked: number[] = []
        let due: number | undefined = dueAt(plan, 0)
        for (let rep = 0; due !== undefined; rep++) {
          walked.push(due)
          due = nextDue(plan, rep, due)
        }
        expect(walked).toEqual(allDues(plan))
      }),
    )
  })

  it('ends a cron order that never comes again', () => {
    expect(nextDue(planOf({ ...cron, expression: '0 0 30 2 *' }, 3), 0, START)).toBeUndefined()
  })
})

describe('firstRepAfter', () => {
  it('finds the lowest repetition due strictly after an instant', () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.constantFrom(-1, 0, 1), (plan, pick, off) => {
        const dues = allDues(plan)
        const instant = dues[pick % dues.length]! + off
        const expected = dues.findIndex((due) => due > instant)
        const rep = expected < 0 ? plan.repetitions : expected
        expect(firstRepAfter(plan, instant)).toBe(rep)
        expect(firstDueAfter(plan, instant)).toEqual(expected < 0 ? undefined : { rep, dueAt: dues[rep] })
      }),
      { numRuns: 300 },
    )
  })

  it('is the first repetition of all before the start, and none at the last one’s time', () => {
    expect(firstRepAfter(once, START - 1)).toBe(0)
    expect(firstRepAfter(once, START)).toBe(1)
    expect(firstDueAfter(once, START)).toBeUndefined()
  })

  it('has nothing for a cron order that never comes', () => {
    expect(firstDueAfter(planOf({ ...cron, expression: '0 0 30 2 *' }, 3), START)).toBeUndefined()
  })

  it('looks at a million repetitions at once', () => {
    const plan = planOf(interval, 1_000_000)
    expect(firstRepAfter(plan, START + 5_000_000 * SECOND)).toBe(500_001)
  })
})

describe('gridTimeFrom', () => {
  it('keeps the phase of an interval', () => {
    const plan = planOf(interval, 10)
    expect(gridTimeFrom(plan, 3, START + 101 * SECOND)).toBe(START + 110 * SECOND)
    expect(gridTimeFrom(plan, 3, START + 110 * SECOND)).toBe(START + 110 * SECOND)
  })

  it('never lies before the grid begins', () => {
    expect(gridTimeFrom(planOf(interval, 10), 0, START - HOUR)).toBe(START)
  })

  it('takes the moment itself when a cron schedule never comes again', () => {
    expect(gridTimeFrom(planOf({ ...cron, expression: '0 0 30 2 *' }, 3), 1, START + 5)).toBe(START + 5)
  })
})
