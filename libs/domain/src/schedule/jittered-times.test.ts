import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CronTimes } from './cron-times.ts'
import { IntervalTimes } from './interval-times.ts'
import { JitteredTimes } from './jittered-times.ts'
import { openHours } from './open-hours.ts'
import type { Times } from './times.ts'

const START = Date.UTC(2026, 2, 27, 12)
const MINUTE = 60_000
const windows = [{ days: [1, 3, 7], fromMinute: 600, untilMinute: 700 }]

const inner = fc.constantFrom<Times>(
  new IntervalTimes(START, 7 * MINUTE, undefined),
  new IntervalTimes(START, 7 * MINUTE, openHours(windows, 'Europe/Berlin')),
  new IntervalTimes(START, 3 * 86_400_000, openHours(windows, 'Europe/Berlin')),
  new CronTimes('*/20 1-4 * * *', 'Europe/Berlin'),
)

function listed(times: Times, count: number): number[] {
  const all: number[] = []
  for (let due = times.after(START - 1); all.length < count; due = times.after(due)) all.push(due)
  return all
}

it('puts each time off within its bounds, and never past the next one', () => {
  fc.assert(
    fc.property(inner, fc.integer({ min: 1, max: 7 * MINUTE }), fc.string(), (times, jitterMs, orderId) => {
      const plain = listed(times, 81)
      const dues = listed(new JitteredTimes(times, jitterMs, orderId), 80)
      for (const [index, due] of dues.entries()) {
        expect(due).toBeGreaterThanOrEqual(plain[index]!)
        expect(due).toBeLessThanOrEqual(plain[index]! + jitterMs)
        expect(due).toBeLessThan(plain[index + 1]!)
        expect(due).toBeLessThan(times.closesAfter?.(plain[index]!) ?? Infinity)
      }
    }),
  )
})

it('is the same however one asks, and another for another order', () => {
  fc.assert(
    fc.property(inner, fc.integer({ min: 1, max: 7 * MINUTE }), fc.nat(40), (times, jitterMs, skip) => {
      const jittered = new JitteredTimes(times, jitterMs, 'order-1')
      const dues = listed(jittered, 60)
      expect(dues.map((_, index) => jittered.nth(START, index))).toEqual(dues)
      const from = dues[skip]!
      expect(jittered.nth(from, 2)).toBe(dues[skip + 2])
      expect(jittered.nth(from + 1, 0)).toBe(dues[skip + 1])
      for (const until of [dues[50]! - 1, dues[50]!, dues[50]! + 1]) {
        expect(jittered.count(from, until, 1000)).toBe(dues.filter((due) => due >= from && due <= until).length)
        expect(jittered.count(from, until, 3)).toBe(3)
      }
    }),
  )
  const minutes = new IntervalTimes(START, 60 * MINUTE, undefined)
  const [first, second] = ['a', 'b'].map((id) => listed(new JitteredTimes(minutes, 30 * MINUTE, id), 20))
  expect(first).not.toEqual(second)
  expect(new Set(first!.map((due) => due % (60 * MINUTE))).size).toBeGreaterThan(10)
})
