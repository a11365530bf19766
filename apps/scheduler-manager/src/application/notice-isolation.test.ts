import { FakeClock } from '@quarry/testkit'
import { beforeEach, expect, test } from 'vitest'
import { NoticeIsolation } from './notice-isolation.ts'

let clock: FakeClock
let isolated: number
let notice: NoticeIsolation

beforeEach(() => {
  clock = new FakeClock()
  isolated = 0
  notice = new NoticeIsolation(clock, 4000, () => isolated++)
})

test('a primary that loses its backups and all schedulers for four seconds is isolated', async () => {
  notice.connected(2, 3)
  notice.connected(0, 1)
  await clock.advance(10_000)
  expect(isolated).toBe(0)
  notice.connected(0, 0)
  notice.connected(0, 0)
  await clock.advance(3_999)
  expect(isolated).toBe(0)
  await clock.advance(1)
  expect(isolated).toBe(1)
})

test('not when somebody comes back in time, nor when it never had a backup', async () => {
  notice.connected(0, 1)
  notice.connected(0, 0)
  await clock.advance(10_000)
  notice.connected(1, 0)
  notice.connected(0, 0)
  await clock.advance(3_000)
  notice.connected(0, 1)
  await clock.advance(10_000)
  notice.connected(0, 0)
  notice.forget()
  await clock.advance(10_000)
  expect(isolated).toBe(0)
})
