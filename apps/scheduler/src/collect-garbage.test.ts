import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { CollectGarbage } from './collect-garbage.ts'

const silent = pino({ level: 'silent' })

test('collects after many orders were loaded, and not again until as many more were', () => {
  const collect = vi.fn()
  const garbage = new CollectGarbage(silent, collect)
  garbage.loaded(99_999)
  expect(collect).not.toHaveBeenCalled()
  garbage.loaded(250_000)
  garbage.loaded(250_000)
  garbage.loaded(300_000)
  expect(collect).toHaveBeenCalledTimes(1)
  garbage.loaded(0)
  garbage.loaded(100_000)
  expect(collect).toHaveBeenCalledTimes(2)
})
