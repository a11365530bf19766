import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CatchUp } from '../orders/order.ts'
import { CATCH_UP_GRACE_MS, catchUp, catchUpRange } from './catch-up.ts'
import type { Due, Plan } from './plan.ts'

const NOW = Date.UTC(2026, 0, 5)

/** Repetitions that are so many seconds late, the oldest first. */
function late(...seconds: number[]): Due[] {
  return seconds.map((ago, rep) => ({ rep, dueAt: NOW - ago * 1000 }))
}

function repsRun(rule: CatchUp, missed: Due[]): number[] {
  const { run, skip } = catchUp({ rule, missed, now: NOW })
  expect([...skip, ...run]).toEqual(missed)
  return run.map(({ rep }) => rep)
}

describe('catchUp', () => {
  it.each<{ does: string; rule: CatchUp; missed: Due[]; run: number[] }>([
    { does: 'runs the newest of the old ones only', rule: 'latest', missed: late(500, 400, 300), run: [2] },
    { does: 'runs no old one when a younger one runs anyway', rule: 'latest', missed: late(500, 400, 60), run: [2] },
    { does: 'runs all that are merely late', rule: 'latest', missed: late(500, 100, 60), run: [1, 2] },
    { does: 'runs every one', rule: 'all', missed: late(500, 400, 60), run: [0, 1, 2] },
    { does: 'runs no old one', rule: 'none', missed: late(500, 400, 300), run: [] },
    { does: 'runs young ones even so', rule: 'none', missed: late(500, 100, 60), run: [1, 2] },
    { does: 'has nothing to do', rule: 'latest', missed: [], run: [] },
    { does: 'takes one as late as the grace for old', rule: 'none', missed: late(CATCH_UP_GRACE_MS / 1000), run: [] },
    {
      does: 'takes one a millisecond younger for late',
      rule: 'none',
      missed: late((CATCH_UP_GRACE_MS - 1) / 1000),
      run: [0],
    },
  ])('$does ($rule)', ({ rule, missed, run }) => {
    expect(repsRun(rule, missed)).toEqual(run)
  })
})

describe('catchUpRange', () => {
  const everyTenSeconds: Plan = {
    schedule: { kind: 'interval', startAt: NOW, intervalMs: 10_000 },
    repetitions: 1_000_000,
    segments: [{ fromRep: 0, baseAt: NOW }],
  }

  it('decides on the 8,640 repetitions of a day without listing them', () => {
    const behind = { plan: everyTenSeconds, from: 1001, now: NOW + 10_000 * 1000 + 86_400_000 }
    expect(catchUpRange({ rule: 'latest', ...behind })).toEqual({ runFrom: 9629, end: 9641 })
    expect(catchUpRange({ rule: 'none', ...behind })).toEqual({ runFrom: 9629, end: 9641 })
    expect(catchUpRange({ rule: 'all', ...behind })).toEqual({ runFrom: 1001, end: 9641 })
  })

  it('skips and runs nothing when nothing was missed', () => {
    for (const rule of ['latest', 'all', 'none'] as const) {
      expect(catchUpRange({ rule, plan: everyTenSeconds, from: 5, now: NOW })).toEqual({ runFrom: 5, end: 5 })
    }
  })

  it('agrees with the list', () => {
    fc.assert(
      fc.property(
        fc.record({
          rule: fc.constantFrom<CatchUp>('latest', 'all', 'none'),
          intervalMs: fc.integer({ min: 1000, max: 200_000 }),
          from: fc.nat(30),
          elapsedMs: fc.nat(1_000_000),
        }),
        ({ rule, intervalMs, from, elapsedMs }) => {
          const plan: Plan = {
            ...everyTenSeconds,
            schedule: { kind: 'interval', startAt: NOW, intervalMs },
            repetitions: 60,
          }
          const now = NOW + elapsedMs
          const missed: Due[] = []
          for (let rep = from; rep < 60 && NOW + rep * intervalMs <= now; rep++) {
            missed.push({ rep, dueAt: NOW + rep * intervalMs })
          }
          const listed = catchUp({ rule, missed, now })
          const { runFrom, end } = catchUpRange({ rule, plan, from, now })
          expect(end).toBe(from + missed.length)
          expect(runFrom).toBe(from + listed.skip.length)
        },
      ),
    )
  })
})
