import { describe, expect, it } from 'vitest'
import { serveOrder } from '../frontier/job.ts'
import {
  admitTestFetch,
  isTestFetch,
  TEST_FETCH_KEPT_MS,
  TEST_FETCH_LOST_MS,
  testFetchIdOf,
  testJobOf,
} from './test-fetch.ts'

const NOW = 1_780_000_000_000
const limits = { mostAnHour: 10, mostAtOnce: 2 }
const over = (ageMs: number) => ({ createdAt: NOW - ageMs, open: false })
const open = (ageMs: number) => ({ createdAt: NOW - ageMs, open: true })

describe('admitTestFetch', () => {
  it('lets ten begin in an hour, and the eleventh when the first is an hour old', () => {
    const ten = Array.from({ length: 10 }, (_, index) => over(60_000 * (index + 1)))
    expect(admitTestFetch(ten.slice(1), NOW, limits).ok).toBe(true)
    expect(admitTestFetch(ten, NOW, limits)).toMatchObject({
      error: { limit: 'an-hour', retryAfterMs: TEST_FETCH_KEPT_MS - 600_000 },
    })
    expect(admitTestFetch(ten, NOW + TEST_FETCH_KEPT_MS - 600_000, limits).ok).toBe(true)
  })

  it('lets two run at once, and holds none for ever whose outcome never came', () => {
    expect(admitTestFetch([open(1), over(1)], NOW, limits).ok).toBe(true)
    expect(admitTestFetch([open(1), open(2)], NOW, limits)).toMatchObject({ error: { limit: 'at-once' } })
    expect(admitTestFetch([open(TEST_FETCH_LOST_MS), open(2)], NOW, limits).ok).toBe(true)
  })
})

it('has an id that no order has, and a job that is worth nothing and overtakes nobody', () => {
  const id = testFetchIdOf('0'.repeat(32))
  expect([id, `o${'0'.repeat(32)}`, 'test-1', `${id}0`].map(isTestFetch)).toEqual([true, false, false, false])
  const test = { id, customerId: 'u', url: 'https://example.org/', host: 'example.org', createdAt: NOW }
  const job = testJobOf(test, { hostGapMs: 1000, traceparent: '00' })
  expect(job).toMatchObject({ jobId: `${id}:0`, priceCoins: 0, patienceUntil: NOW + 60_000 })
  expect(serveOrder(job)).toBe(NOW)
})
