import { describe, expect, test } from 'vitest'
import { goesAlone, pauseMs, Suspects } from './redelivery.ts'
import { DELIVERY_LIMIT } from './topology.ts'

describe('what becomes of a message that fails', () => {
  test('after five failures it is delivered alone', () => {
    expect([0, 4, 5, 100].map(goesAlone)).toEqual([false, false, true, true])
  })

  test('it is poison once it has failed alone five times while others succeed', () => {
    const suspects = new Suspects()
    suspects.acknowledged(['earlier'])
    for (let times = 0; times < 5; times += 1) expect(suspects.failed('bad', false)).toBe(false)
    for (let times = 0; times < 4; times += 1) expect(suspects.failed('bad', true)).toBe(false)
    suspects.acknowledged(['other'])
    expect(suspects.failed('bad', true)).toBe(true)
  })

  test('a consumer that fails everything finds no poison', () => {
    const suspects = new Suspects()
    suspects.acknowledged(['earlier'])
    for (let times = 0; times < 100; times += 1)
      for (const id of ['a', 'b']) expect(suspects.failed(id, true)).toBe(false)
  })

  test('success clears a message’s record', () => {
    const suspects = new Suspects()
    for (let times = 0; times < 4; times += 1) suspects.failed('once', true)
    suspects.acknowledged(['once'])
    expect(suspects.failed('once', true)).toBe(false)
  })

  test('what is remembered is bounded: the oldest are forgotten', () => {
    const suspects = new Suspects()
    for (let times = 0; times < 4; times += 1) suspects.failed('first', true)
    for (let index = 0; index < 10_000; index += 1) suspects.failed(`other-${index}`, true)
    suspects.acknowledged(['any'])
    expect(suspects.failed('first', true)).toBe(false)
  })

  test('the broker’s limit leaves a consumer’s own trouble more than eight minutes', () => {
    let sumMs = 0
    for (let failures = 1; failures < DELIVERY_LIMIT; failures += 1) sumMs += pauseMs(failures)
    expect(sumMs).toBeGreaterThan(8 * 60_000)
    expect(pauseMs(1)).toBe(10)
  })
})
