import { NOTIFICATION_PARTS } from '@quarry/domain'
import { openTestEngines } from '@quarry/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { ShareParts } from '../src/application/notifications/share-parts.ts'

function open() {
  const engines = openTestEngines()
  onTestFinished(() => engines.close())
  const start = (holder: string) => {
    const held = new Set<number>()
    const parts = new ShareParts({
      ...{ leases: engines.leases, clock: engines.clock, holder },
      onGained: (part) => held.add(part),
      onLost: (part) => held.delete(part),
      onError: (error) => {
        throw error
      },
    })
    parts.start()
    return { parts, held }
  }
  return { ...engines, start }
}

it('gives all parts to one that is alone, and shares them with those that come', async () => {
  const { clock, start } = open()
  const a = start('a')
  await clock.advance(2_000)
  expect(a.held.size).toBe(NOTIFICATION_PARTS)
  const others = [start('b'), start('c')]
  await clock.advance(60_000)
  const sizes = [a, ...others].map(({ held }) => held.size)
  expect(sizes.reduce((sum, size) => sum + size)).toBe(NOTIFICATION_PARTS)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  expect(new Set([a, ...others].flatMap(({ held }) => [...held])).size).toBe(NOTIFICATION_PARTS)
})

it('takes over from one that died, not before it must be dead', async () => {
  const { clock, start } = open()
  const a = start('a')
  const b = start('b')
  await clock.advance(30_000)
  await a.parts.stop()
  const before = b.held.size
  await clock.advance(6_000)
  expect(b.held.size).toBeLessThanOrEqual(before + 3)
  await clock.advance(20_000)
  expect(b.held.size).toBe(NOTIFICATION_PARTS)
})
