import { expect, test } from 'vitest'
import { CountedTexts } from './counted-texts.ts'

test('a text keeps its number until it was released as often as it was used', () => {
  const texts = new CountedTexts()
  const first = texts.use('one')!
  expect(texts.use('one')).toBe(first)
  const second = texts.use('two')!
  expect(second).not.toBe(first)
  expect(texts.release(first)).toBe('one')
  expect(texts.textOf(first)).toBe('one')
  expect(texts.release(first)).toBe('one')
  expect(texts.size).toBe(1)
  expect(texts.use('three')).toBe(first)
  expect([texts.textOf(first), texts.textOf(second)]).toEqual(['three', 'two'])
})

test('a full table gives no more numbers until one is free again, and a long text never gets one', () => {
  const texts = new CountedTexts(1)
  expect(texts.use('x'.repeat(1_000))).toBeUndefined()
  const only = texts.use('one')!
  expect(texts.use('two')).toBeUndefined()
  expect(texts.use('one')).toBe(only)
  texts.release(only)
  expect(texts.use('two')).toBeUndefined()
  texts.release(only)
  expect(texts.use('two')).toBe(only)
})
