import { describe, expect, it } from 'vitest'
import { dueAt, planOf } from '../schedule/due.ts'
import type { Result } from '../result.ts'
import {
  answerEntry,
  type EntryRequest,
  type EntryTransition,
  newEntry,
  type OwnerAnswer,
  requestChange,
  type WrongEntryState,
} from './entry-transitions.ts'
import type { EntryState, ScheduleEntry } from './order.ts'
import { orderOf } from './order.sample.ts'

const START = Date.UTC(2026, 0, 5, 12)
const MINUTE = 60_000

const everyMinute = orderOf({ kind: 'interval', startAt: START, intervalMs: MINUTE })
const active = newEntry(everyMinute)

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

function dues(entry: ScheduleEntry): number[] {
  return Array.from({ length: entry.order.repetitions }, (_, rep) => (dueAt(planOf(entry), rep) - START) / MINUTE)
}

const pausing = ask(active, { kind: 'pause', reason: 'too fast' })
const paused = say(pausing, { kind: 'stopped', firstSkipped: 3 })
const cancelling = ask(active, { kind: 'cancel' })
const stopped = say(cancelling, { kind: 'stopped', firstSkipped: 3 })
const cancelled = say(stopped, { kind: 'refunded' })
const finished = say(active, { kind: 'emitted-all' })
const inState = { active, pausing, paused, cancelling, cancelled, finished }

describe('requestChange', () => {
  const now = START + 10 * MINUTE
  const expected: Record<EntryRequest['kind'], Record<EntryState, EntryState | 'unchanged' | 'refused'>> = {
    pause: {
      active: 'pausing',
      pausing: 'unchanged',
      paused: 'unchanged',
      cancelling: 'refused',
      cancelled: 'refused',
      finished: 'refused',
    },
    resume: {
      active: 'unchanged',
      pausing: 'active',
      paused: 'active',
      cancelling: 'refused',
      cancelled: 'refused',
      finished: 'refused',
    },
    cancel: {
      active: 'cancelling',
      pausing: 'cancelling',
      paused: 'cancelling',
      cancelling: 'unchanged',
      cancelled: 'unchanged',
      finished: 'refused',
    },
    'run-now': {
      active: 'active',
      pausing: 'refused',
      paused: 'refused',
      cancelling: 'refused',
      cancelled: 'refused',
      finished: 'refused',
    },
  }
  const requests: EntryRequest[] = [
    { kind: 'pause', reason: 'again' },
    { kind: 'resume', now },
    { kind: 'cancel' },
    { kind: 'run-now' },
  ]
  const cases = requests.flatMap((request) =>
    Object.values(inState).map((entry) => ({ request, entry, outcome: expected[request.kind][entry.state] })),
  )

  it.each(cases)('$request.kind of an entry that is $entry.state: $outcome', ({ request, entry, outcome }) => {
    const result = requestChange(entry, request)
    if (outcome === 'refused') expect(result).toEqual({ ok: false, error: { kind: 'wrong-state', entry } })
    else if (outcome === 'unchanged') expect(result).toEqual({ ok: true, value: { entry, changed: false } })
    else expect(result).toMatchObject({ ok: true, value: { changed: true, entry: { state: outcome } } })
  })

  it('keeps the reason of a pause until it is resumed or cancelled', () => {
    expect(paused.reason).toBe('too fast')
    expect(ask(paused, { kind: 'pause', reason: 'other' }).reason).toBe('too fast')
    expect(ask(paused, { kind: 'resume', now })).not.toHaveProperty('reason')
    expect(ask(paused, { kind: 'cancel' })).not.toHaveProperty('reason')
    expect(ask(active, { kind: 'pause' })).not.toHaveProperty('reason')
  })

  it('keeps what the owner said when a paused entry is cancelled', () => {
    expect(ask(paused, { kind: 'cancel' })).toMatchObject({ state: 'cancelling', firstSkipped: 3 })
  })

  it('counts run-now wishes, and drops those unanswered on a pause or cancel', () => {
    const twice = ask(active, { kind: 'run-now' }, { kind: 'run-now' })
    expect(twice.runNow).toBe(2)
    expect(ask(twice, { kind: 'pause' }).runNow).toBe(0)
    expect(ask(twice, { kind: 'cancel' }).runNow).toBe(0)
  })

  it('takes a pause back that the owner has not answered, schedule and all', () => {
    expect(ask(pausing, { kind: 'resume', now })).toEqual(active)
  })

  describe('resume', () => {
    it('goes on at the next time of the old grid and forgets the pause', () => {
      const resumed = ask(paused, { kind: 'resume', now: now + 1 })
      expect(resumed).not.toHaveProperty('firstSkipped')
      expect(dues(resumed)).toEqual([0, 1, 2, 11, 12, 13, 14, 15, 16, 17])
    })

    it('takes a grid time that is now', () => {
      expect(dues(ask(paused, { kind: 'resume', now }))[3]).toBe(10)
    })

    it('changes nothing for one who resumes before the next repetition was due', () => {
      expect(dues(ask(paused, { kind: 'resume', now: START + 2.5 * MINUTE }))).toEqual(dues(active))
    })

    it('does not use a time twice when the clock has not moved, or has stepped back', () => {
      expect(dues(ask(paused, { kind: 'resume', now: START + 2 * MINUTE }))[3]).toBe(3)
      expect(dues(ask(paused, { kind: 'resume', now: START }))[3]).toBe(3)
    })

    it('waits for a start that still lies ahead', () => {
      const early = say(ask(active, { kind: 'pause' }), { kind: 'stopped', firstSkipped: 0 })
      expect(dues(ask(early, { kind: 'resume', now: START - 100 * MINUTE }))).toEqual(dues(active))
    })

    it('runs a once order now when its time is over', () => {
      const once = newEntry(orderOf({ kind: 'once', startAt: START }, 1))
      const held = say(ask(once, { kind: 'pause' }), { kind: 'stopped', firstSkipped: 0 })
      expect(dues(ask(held, { kind: 'resume', now }))).toEqual([10])
    })

    it('goes on at the next time of a cron order', () => {
      const daily = newEntry(
        orderOf({ kind: 'cron', startAt: START, expression: '0 9 * * *', timeZone: 'Europe/Berlin' }),
      )
      const held = say(ask(daily, { kind: 'pause' }), { kind: 'stopped', firstSkipped: 1 })
      const resumed = ask(held, { kind: 'resume', now: Date.UTC(2026, 6, 1, 7) })
      expect(dueAt(planOf(resumed), 1)).toBe(Date.UTC(2026, 6, 1, 7))
      expect(dueAt(planOf(resumed), 2)).toBe(Date.UTC(2026, 6, 2, 7))
    })

    it('adds no segment when nothing is left to emit', () => {
      const done = say(pausing, { kind: 'stopped', firstSkipped: 10 })
      expect(ask(done, { kind: 'resume', now }).segments).toEqual(active.segments)
    })
  })
})

describe('answerEntry', () => {
  const said: OwnerAnswer[] = [
    { kind: 'stopped', firstSkipped: 3 },
    { kind: 'refunded' },
    { kind: 'brought-forward', rep: 2, at: START + 1.5 * MINUTE },
    { kind: 'emitted-all' },
    { kind: 'settled' },
  ]
  const accepting: Record<OwnerAnswer['kind'], Partial<Record<EntryState, EntryState>>> = {
    stopped: { pausing: 'paused', cancelling: 'cancelling', paused: 'paused', cancelled: 'cancelled' },
    refunded: { cancelled: 'cancelled' },
    'brought-forward': { active: 'active', pausing: 'pausing', cancelling: 'cancelling' },
    'emitted-all': { active: 'finished', pausing: 'finished', finished: 'finished' },
    settled: { finished: 'finished', cancelled: 'cancelled' },
  }
  const cases = said.flatMap((answer) =>
    Object.values(inState).map((entry) => ({ answer, entry, next: accepting[answer.kind][entry.state] })),
  )

  it.each(cases)('$answer.kind of an entry that is $entry.state: $next', ({ answer, entry, next }) => {
    const result = answerEntry(entry, answer)
    if (next === undefined) expect(result).toEqual({ ok: false, error: { kind: 'wrong-state', entry } })
    else expect(accepted(result).state).toBe(next)
  })

  it.each(cases.filter(({ next }) => next !== undefined))(
    '$answer.kind repeated on what became of $entry.state changes nothing',
    ({ answer, entry }) => {
      const once = accepted(answerEntry(entry, answer))
      expect(answerEntry(once, answer)).toEqual({ ok: true, value: { entry: once, changed: false } })
    },
  )

  it('lets a cancelled order be refunded only once the owner has said where it stopped', () => {
    expect(answerEntry(cancelling, { kind: 'refunded' }).ok).toBe(false)
    expect(say(stopped, { kind: 'refunded' }).state).toBe('cancelled')
  })

  it('refuses a second, different word on where an order stopped', () => {
    expect(answerEntry(paused, { kind: 'stopped', firstSkipped: 4 }).ok).toBe(false)
    expect(answerEntry(cancelled, { kind: 'stopped', firstSkipped: 4 }).ok).toBe(false)
  })

  it('closes only what is over', () => {
    expect(finished.closed).toBe(false)
    expect(say(finished, { kind: 'settled' }).closed).toBe(true)
    expect(say(cancelled, { kind: 'settled' }).closed).toBe(true)
  })

  describe('brought-forward', () => {
    const wished = ask(active, { kind: 'run-now' }, { kind: 'run-now' })

    it('keeps the old grid for what follows, one repetition earlier, and answers one wish', () => {
      const brought = say(wished, { kind: 'brought-forward', rep: 2, at: START + 1.5 * MINUTE })
      expect(dues(brought)).toEqual([0, 1, 1.5, 2, 3, 4, 5, 6, 7, 8])
      expect(brought.runNow).toBe(1)
    })

    it('answers a second wish before the grid goes on', () => {
      const both = say(
        wished,
        { kind: 'brought-forward', rep: 2, at: START + 1.25 * MINUTE },
        { kind: 'brought-forward', rep: 3, at: START + 1.75 * MINUTE },
      )
      expect(dues(both)).toEqual([0, 1, 1.25, 1.75, 2, 3, 4, 5, 6, 7])
      expect(both.segments).toHaveLength(4)
    })

    it('moves what was changed further on one repetition along', () => {
      const later = say(wished, { kind: 'brought-forward', rep: 5, at: START + 4.5 * MINUTE })
      expect(dues(later)).toEqual([0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8])
      const earlier = say(later, { kind: 'brought-forward', rep: 2, at: START + 1.5 * MINUTE })
      expect(dues(earlier)).toEqual([0, 1, 1.5, 2, 3, 4, 4.5, 5, 6, 7])
    })

    it('holds the time between the neighbours', () => {
      const late = say(wished, { kind: 'brought-forward', rep: 2, at: START + 9 * MINUTE })
      expect(dues(late)).toEqual([0, 1, 2, 2, 3, 4, 5, 6, 7, 8])
      const steppedBack = say(wished, { kind: 'brought-forward', rep: 2, at: START - 9 * MINUTE })
      expect(dues(steppedBack)).toEqual([0, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    })

    it('refuses a repetition that the order does not have', () => {
      expect(answerEntry(wished, { kind: 'brought-forward', rep: 10, at: START }).ok).toBe(false)
    })

    it('refuses a repetition that a cancel has skipped', () => {
      expect(answerEntry(stopped, { kind: 'brought-forward', rep: 3, at: START }).ok).toBe(false)
    })

    it('works on a cron order', () => {
      const hourly = newEntry(orderOf({ kind: 'cron', startAt: START, expression: '0 * * * *', timeZone: 'UTC' }, 5))
      const brought = say(hourly, { kind: 'brought-forward', rep: 1, at: START + 7 * MINUTE })
      expect(dues(brought)).toEqual([0, 7, 60, 120, 180])
    })

    it('survives a pause before it was emitted: the grid goes on as if it had not been asked for', () => {
      const brought = say(wished, { kind: 'brought-forward', rep: 2, at: START + 1.5 * MINUTE })
      const held = say(ask(brought, { kind: 'pause' }), { kind: 'stopped', firstSkipped: 2 })
      const resumed = ask(held, { kind: 'resume', now: START + 4.5 * MINUTE })
      expect(dues(resumed)).toEqual([0, 1, 5, 6, 7, 8, 9, 10, 11, 12])
      expect(resumed.segments.map(({ fromRep }) => fromRep)).toEqual([0, 2])
    })
  })
})
