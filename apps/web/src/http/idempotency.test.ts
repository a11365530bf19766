import { expect, it } from 'vitest'
import { keyOfBody, randomKey } from './idempotency.ts'

it('repeats a form’s key for the same body, after a reload too, and not for a changed one', () => {
  const key = randomKey()
  expect(keyOfBody(key, { url: 'a', tags: ['😀'] })).toBe(keyOfBody(key, { url: 'a', tags: ['😀'] }))
  expect(keyOfBody(key, { url: 'a' })).not.toBe(keyOfBody(key, { url: 'b' }))
})

it('gives another form another key', () => {
  expect(keyOfBody(randomKey(), {})).not.toBe(keyOfBody(randomKey(), {}))
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/)
})
