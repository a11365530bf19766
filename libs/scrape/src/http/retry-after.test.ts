import { describe, expect, it } from 'vitest'
import { retryAfterMsOf } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0)

describe('retryAfterMsOf', () => {
  it.each([
    ['120', 120_000],
    [' 5 ', 5000],
    ['0', 0],
    ['99999999999', 86_400_000],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['Mon, 21 Nov 2033 12:00:00 GMT', 86_400_000],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-11-21', undefined],
    ['', undefined],
    ['Sat, nonsense', undefined],
  ])('reads "%s"', (text, waitMs) => expect(retryAfterMsOf(text, NOW)).toBe(waitMs))

  it('says nothing of a missing header', () => expect(retryAfterMsOf(undefined, NOW)).toBeUndefined())
})
