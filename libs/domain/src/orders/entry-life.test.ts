import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueAt, firstRepAfter, planOf } from '../schedule/due.ts'
import type { Result } from '../result.ts'
import {
  activateEntry,
  answerEntry,
  type EntryRequest,
  type EntryTransition,
  MAX_SEGMENTS,
  newEntry,
  type OwnerAnswer,
  requestChange,
  type WrongEntryState,
} from './entry-transitions.ts'
import type { Schedule, ScheduleEntry } from './order.ts'
import { orderOf } from './order.sample.ts'

const START = Date.UTC(2026, 0, 5, 12)
const MINUTE = 60_000

function accepted(result: Result<EntryTransition, WrongEntryState>): ScheduleEntry {
  if (!result.ok) throw new Error(`refused in state ${result.error.entry.state}`)
  return result.value.entry
}

function ask(entry: ScheduleEntry, ...requests: EntryRequest[]): ScheduleEntry {
  return requests.reduce((before, request) => accepted(requestChange(before, request)), entry)
}

function say(entry: ScheduleEntry, ...answers: OwnerAnswer[]): ScheduleEntry {
  return answers.reduce((before, answer) => accepted(answerEntry(before, answer)), entry)
}

const hours = { timeZone: 'Europe/Berlin', windows: [{ days: [1, 2], fromMinute: 600, untilMinute: 850 }] }
const active = newEntry(orderOf({ kind: 'interval', startAt: START, intervalMs: MINUTE }))

describe('activateEntry', () => {
  it('leaves an entry alone whose first repetition lies after the watermark', () => {
    expect(activateEntry(active, START - 1, START + 500)).toBe(active)
  })

  it('moves the base to now when the watermark has reached the first due time', () => {
    expect(activateEntry(active, START, START + 500).segments).toEqual([{ fromRep: 0, baseAt: START + 500 }])
  })

  it('moves the base just after the watermark when that is later than now', () => {
    expect(activateEntry(active, START + 900, START + 500).segments).toEqual([{ fromRep: 0, baseAt: START + 901 }])
  })

  it('moves a cron order to its next time, and only when its first time is over', () => {
    const hourly = newEntry(orderOf({ kind: 'cron', startAt: START - 1, expression: '0 * * * *', timeZone: 'UTC' }))
    expect(activateEntry(hourly, START - 1, START + 5)).toBe(hourly)
    expect(dueAt(planOf(activateEntry(hourly, START, START + 5)), 0)).toBe(START + 60 * MINUTE)
  })

  it('moves only the first repetition of an interval whose grid is fixed by its start', () => {
    const weekly = newEntry(orderOf({ kind: 'interval', startAt: START, intervalMs: 7 * 1440 * MINUTE, ...hours }, 3))
    const plan = planOf(activateEntry(weekly, START, START + 500))
    expect([0, 1, 2].map((rep) => dueAt(plan, rep) - START)).toEqual([500, 7 * 1440 * MINUTE, 14 * 1440 * MINUTE])
  })

  it('always leaves the first repetition after the watermark', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9e6, max: 9e6 }), fc.integer({ min: -9e6, max: 9e6 }), (ahead, late) => {
        const fitted = activateEntry(active, START + ahead, START + late)
        expect(dueAt(planOf(fitted), 0)).toBeGreaterThan(START + ahead)
      }),
    )
  })
})

describe('any life of an entry', () => {
  it('stays small however often an order is paused and resumed', () => {
    const long = newEntry(orderOf({ kind: 'interval', startAt: START, intervalMs: MINUTE }, 1_000_000))
    let entry = long
    for (let rep = 1; rep <= MAX_SEGMENTS + 100; rep++) {
      const held = say(ask(entry, { kind: 'pause' }), { kind: 'stopped', firstSkipped: rep })
      entry = ask(held, { kind: 'resume', now: START + rep * 3 * MINUTE })
    }
    expect(entry.segments).toHaveLength(MAX_SEGMENTS)
    const plan = planOf(entry)
    expect(dueAt(plan, MAX_SEGMENTS + 100)).toBe(START + (MAX_SEGMENTS + 100) * 3 * MINUTE)
    expect(dueAt(plan, 0)).toBeLessThanOrEqual(dueAt(plan, 200))
  })

  const schedules: Schedule[] = [
    { kind: 'interval', startAt: START, intervalMs: MINUTE },
    { kind: 'cron', startAt: START, expression: '*/20 * * * *', timeZone: 'Europe/Berlin' },
    { kind: 'interval', startAt: START, intervalMs: 7 * MINUTE, ...hours },
    { kind: 'interval', startAt: START, intervalMs: 7 * MINUTE, jitterMs: 6 * MINUTE, ...hours },
    { kind: 'interval', startAt: START, intervalMs: MINUTE, jitterMs: MINUTE - 1 },
    { kind: 'cron', startAt: START, expression: '*/5 * * * *', timeZone: 'UTC', jitterMs: 5 * MINUTE - 1 },
  ]
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('wait', 'pause', 'resume', 'cancel', 'run-now'),
      afterMs: fc.integer({ min: -2 * MINUTE, max: 40 * MINUTE }),
      answered: fc.boolean(),
    }),
    { maxLength: 25 },
  )

  it.each(schedules)('never lets a due time fall nor changes one that was emitted ($kind)', (schedule) => {
    fc.assert(
      fc.property(steps, (life) => {
        let now = START
        let emitted = 0
        const seen: number[] = []
        let entry = newEntry(orderOf(schedule, 60))
        for (const step of life) {
          now += step.afterMs
          if (entry.state === 'active') {
            const until = firstRepAfter(planOf(entry), now)
            for (; emitted < until; emitted++) seen.push(dueAt(planOf(entry), emitted))
          }
          const request: EntryRequest | undefined =
            step.kind === 'wait' ? undefined : step.kind === 'resume' ? { kind: 'resume', now } : { kind: step.kind }
          const asked = request && requestChange(entry, request)
          if (asked?.ok) entry = asked.value.entry
          if (!step.answered) continue
          if (entry.state === 'pausing') entry = say(entry, { kind: 'stopped', firstSkipped: emitted })
          if (entry.runNow > 0 && emitted < 60) {
            entry = say(entry, { kind: 'brought-forward', rep: emitted, at: now })
            seen.push(dueAt(planOf(entry), emitted++))
          }
        }
        const all = Array.from({ length: 60 }, (_, rep) => dueAt(planOf(entry), rep))
        expect(all).toEqual([...all].sort((a, b) => a - b))
        expect(all.slice(0, emitted)).toEqual(seen)
        const begins = entry.segments.map(({ fromRep }) => fromRep)
        expect(begins).toEqual([...new Set(begins)].sort((a, b) => a - b))
      }),
    )
  })
})
