import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatInterval,
  formatRelative,
  formatSigned,
  formatTick,
  numberSeparators,
  regionalLocale,
} from './format.ts'

/** Intl puts narrow and no-break blanks between number and unit; which one is its own affair. */
const plain = (text: string) => text.replace(/\s/g, ' ')

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [47_312, '47 kB'],
    [123_456, '123 kB'],
    [10_485_760, '10 MB'],
  ])('%i', (size, words) => {
    expect(plain(formatBytes('en', size))).toBe(words)
  })

  it('speaks German', () => {
    expect(plain(formatBytes('de', 1_450_000))).toMatch(/^1,[45] MB$/)
  })
})

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [84.6, '85 ms'],
    [999.7, '999 ms'],
    [1240, '1.24 sec'],
    [9999, '9.99 sec'],
    [59_999, '59.9 sec'],
    [125_000, '2 min 5 sec'],
    [120_000, '2 min'],
    [3_900_000, '1 hr 5 min'],
  ])('%d ms', (ms, words) => {
    expect(plain(formatDuration('en', ms)).replace('secs', 'sec')).toBe(words)
  })
})

describe('formatInterval', () => {
  it('uses the largest unit that divides the interval', () => {
    expect(plain(formatInterval('en', 90_000))).toBe('90 seconds')
    expect(plain(formatInterval('en', 3_600_000))).toBe('1 hour')
    expect(plain(formatInterval('de', 2 * 86_400_000))).toBe('2 Tage')
    expect(plain(formatInterval('en', 1500))).toMatch(/^1,?500 milliseconds$/)
  })
})

describe('formatRelative', () => {
  const now = 1_800_000_000_000
  it.each([
    [0, 'now'],
    [5 * 60_000 + 30_000, 'in 5 minutes'],
    [-42_000, '42 seconds ago'],
    [-86_400_000, 'yesterday'],
  ])('%d ms away', (distance, words) => {
    expect(formatRelative('en', now + distance, now)).toBe(words)
  })
})

it('shows a time in the zone asked for', () => {
  const at = Date.UTC(2026, 10, 21, 12, 0, 5)
  expect(formatDateTime('en-GB', at, { timeZone: 'Asia/Tokyo' })).toMatch(/21:00$/)
  expect(formatDateTime('de', at, { timeZone: 'UTC', seconds: true })).toContain('12:00:05')
})

it('signs amounts with a true minus', () => {
  expect(formatSigned('en', 1234)).toBe('+1,234')
  expect(formatSigned('en', -5)).toBe('−5')
  expect(formatSigned('en', 0)).toBe('0')
})

it('prefers the regional form that the browser names', () => {
  expect(regionalLocale('en', ['de-AT', 'en-GB', 'en-US'])).toBe('en-GB')
  expect(regionalLocale('de', ['en-GB'])).toBe('de')
})

describe('numberSeparators', () => {
  it.each([
    ['en-GB', ',', '.'],
    ['de', '.', ','],
  ])('of %s', (locale, group, decimal) => {
    expect(numberSeparators(locale)).toEqual({ group, decimal })
  })
})

describe('formatTick', () => {
  it('says no more than what tells two marks apart', () => {
    const at = new Date(2026, 10, 21, 14, 5, 9).getTime()
    expect(formatTick('en-GB', at, 1000)).toBe('14:05:09')
    expect(formatTick('en-GB', at, 600_000)).toBe('14:05')
    expect(formatTick('en-GB', at, 86_400_000)).toBe('21 Nov')
    expect(formatTick('de', at, 86_400_000)).toMatch(/^21\. Nov/)
  })
})
