import { expect, it } from 'vitest'
import { idempotencyKeys, randomKey } from './idempotency.ts'

it('repeats the key of a repeated body, also after another one', () => {
  const keyOf = idempotencyKeys()
  const first = keyOf({ url: 'https://a.example/' })
  const other = keyOf({ url: 'https://b.example/' })
  expect(other).not.toBe(first)
  expect(keyOf({ url: 'https://a.example/' })).toBe(first)
})

it('gives two forms different keys for the same body', () => {
  expect(idempotencyKeys()({})).not.toBe(idempotencyKeys()({}))
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/)
})
