import { describe, expect, it } from 'vitest'
import { failureOf } from '../failures.ts'
import { ALLOW_ALL, parseRobots } from './parse-robots.ts'
import type { RobotsAnswer } from './robots-cache.ts'
import { RobotsCache } from './robots-cache.ts'

const open: RobotsAnswer = { kind: 'rules', rules: ALLOW_ALL }
const closed: RobotsAnswer = { kind: 'closed', failure: failureOf('robots_forbidden', 'Down.') }
const DAY_MS = 24 * 3_600_000

describe('RobotsCache', () => {
  it('keeps rules for a day and failures for a minute', async () => {
    let now = 0
    const cache = new RobotsCache(() => now)
    await cache.load('http://a', () => Promise.resolve(open))
    await cache.load('http://b', () => Promise.resolve(closed))
    now = 59_999
    expect([cache.get('http://a'), cache.get('http://b')]).toEqual([open, closed])
    now = 60_000
    expect([cache.get('http://a'), cache.get('http://b')]).toEqual([open, undefined])
    now = DAY_MS
    expect(cache.get('http://a')).toBeUndefined()
  })

  it('loads an origin once for all who ask meanwhile', async () => {
    const cache = new RobotsCache(() => 0)
    let loads = 0
    const load = async () => {
      loads += 1
      await Promise.resolve()
      return open
    }
    expect(await Promise.all([cache.load('http://a', load), cache.load('http://a', load)])).toEqual([open, open])
    expect(loads).toBe(1)
    await cache.load('http://b', load)
    expect(loads).toBe(2)
  })

  it('forgets the least recently used when there are too many', async () => {
    const cache = new RobotsCache(() => 0)
    for (let index = 0; index < 10_000; index += 1) await cache.load(`http://${index}`, () => Promise.resolve(open))
    cache.get('http://0')
    await cache.load('http://one-more', () => Promise.resolve(open))
    expect(cache.get('http://0')).toBe(open)
    expect(cache.get('http://1')).toBeUndefined()
  })

  it('forgets by size as well', async () => {
    const cache = new RobotsCache(() => 0)
    const line = `disallow: /${'x'.repeat(1000)}\n`
    const rules = parseRobots(`user-agent: *\n${line.repeat(500)}`, 'QuarryBot')
    for (let index = 0; index < 100; index += 1) {
      await cache.load(`http://${index}`, () => Promise.resolve({ kind: 'rules', rules }))
    }
    expect(cache.get('http://0')).toBeUndefined()
    expect(cache.get('http://99')).toBeDefined()
  })
})
