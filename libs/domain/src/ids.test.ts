import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobIdOf, parseJobId } from './ids.ts'

describe('parseJobId', () => {
  it('is the inverse of jobIdOf', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
        fc.integer({ min: 0, max: 999_999_999 }),
        (orderId, rep) => {
          expect(parseJobId(jobIdOf(orderId, rep))).toEqual({ orderId, rep })
        },
      ),
    )
  })

  it.each([
    '',
    'a',
    ':1',
    'a:',
    'a:01',
    'a:-1',
    'a:1.5',
    'a:1e3',
    'a:1\n',
    ' a:1',
    'a:b:1',
    'a:1000000000',
    'ä:1',
    `${'a'.repeat(65)}:1`,
  ])('refuses %j', (text) => {
    expect(parseJobId(text)).toBeUndefined()
  })
})
