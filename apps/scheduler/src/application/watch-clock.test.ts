import { beforeEach, expect, test } from 'vitest'
import { WatchClock } from './watch-clock.ts'

let told: [boolean, number][]
let watch: WatchClock

beforeEach(() => {
  told = []
  watch = new WatchClock((off, offsetMs) => told.push([off, offsetMs]))
})

const hear = (...offsets: number[]) => {
  for (const offset of offsets) watch.heard(1_000_000, 1_000_000 + offset)
}

test('a clock within half a second of the manager says nothing, nor do messages that come late', () => {
  hear(0, -500, 500, 3_000, 3_000, 20, 3_000, 3_000, 0)
  expect(told).toEqual([])
  expect(watch.offsetMs).toBe(0)
})

test('a clock that is off is told of once, and once when it is right again', () => {
  hear(-900, -700, -800, -700, -700)
  expect(told).toEqual([[true, -700]])
  hear(10, 20, 30)
  expect(told).toEqual([
    [true, -700],
    [false, 10],
  ])
})

test('what another manager said before does not count', () => {
  hear(2_000, 2_000)
  watch.forget()
  hear(2_000, 2_000)
  expect(told).toEqual([])
  hear(2_000)
  expect(told).toEqual([[true, 2_000]])
})
