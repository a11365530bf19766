import type { LiveEvent } from '@quarry/contracts'
import { MemoryLiveEvents, MemoryPresence } from '@quarry/messaging-memory'
import { aJob } from '@quarry/testkit'
import { beforeEach, expect, test } from 'vitest'
import { TellPresence } from '../src/application/tell-presence.ts'
import { aMiner, aPage, MiningStage } from './mining-stage.ts'

const who = { connectionId: 'c', name: 'attic', version: '1' }

let stage: MiningStage
let presence: MemoryPresence
let tell: TellPresence
let events: LiveEvent['kind'][]
const errors: unknown[] = []

beforeEach(async () => {
  stage = await new MiningStage().open()
  presence = new MemoryPresence(stage.clock)
  const live = new MemoryLiveEvents()
  events = []
  live.subscribe('user:miner', ({ kind }) => events.push(kind))
  live.subscribe('market', ({ kind }) => events.push(kind))
  tell = new TellPresence({ presence, live, queue: stage.queue, clock: stage.clock, onError: (e) => errors.push(e) })
})

const device = async () => (await presence.devicesOf('miner'))[0]
async function round(ms = 1000) {
  await stage.clock.advance(ms)
  await tell.round()
  await stage.settle()
}

test('a device is there with its name as soon as it has connected, and away as soon as it has left', async () => {
  const miner = aMiner()
  await tell.joined(miner, who)
  await stage.settle()
  expect(await device()).toMatchObject({ name: 'attic', here: true, idle: 'no-jobs' })
  expect(events).toEqual(['miners-changed', 'market-changed'])
  await tell.left(miner)
  await tell.left(miner)
  await stage.settle()
  expect(await device()).toMatchObject({ here: false })
  expect(events).toHaveLength(4)
  await round(20_000)
  expect(await device()).toMatchObject({ here: false })
})

test('stays there for as long as its server tells of it, and no longer; rounds without news tell nobody', async () => {
  await tell.joined(aMiner(), who)
  await stage.settle()
  events.length = 0
  for (let seconds = 0; seconds < 60; seconds++) await round()
  expect(await device()).toMatchObject({ here: true })
  expect(events).toEqual([])
  await stage.clock.advance(15_000)
  expect(await device()).toMatchObject({ here: false })
})

test('mines while it has work and a little longer, then says why it does not', async () => {
  const miner = aMiner()
  await stage.serve.join(miner, new Set())
  await tell.joined(miner, who)
  await stage.enqueue(aJob({ rep: 0, host: 'h.example', hostGapMs: 60_000 }))
  await round()
  expect(await device()).not.toHaveProperty('idle')
  await stage.accept.run(miner, [aPage(miner.got[0]!)])
  events.length = 0
  await round()
  expect(await device()).toMatchObject({ pages: 1, coins: 1 })
  expect(await device()).not.toHaveProperty('idle')
  expect(events).toEqual(['miners-changed', 'market-changed'])
  expect(await presence.bustle()).toEqual({ minersOnline: 1, pagesPerMinute: 1 })
  await stage.enqueue(aJob({ rep: 1, host: 'h.example', hostGapMs: 60_000 }))
  await round(3000)
  expect(await device()).toMatchObject({ idle: 'politeness' })
})

test('says why it is paused, by its own word', async () => {
  const miner = aMiner({ capacity: 0 })
  await tell.joined(miner, who)
  expect(await device()).toMatchObject({ idle: 'paused' })
  tell.paused(miner, 'backlog')
  await round()
  expect(await device()).toMatchObject({ idle: 'backlog' })
  miner.capacity = 1
  miner.judging = 65
  await round()
  expect(await device()).toMatchObject({ idle: 'backlog' })
  miner.judging = 0
  await round()
  expect(await device()).toMatchObject({ idle: 'no-jobs' })
})

test('pages of its last moment are counted when it leaves', async () => {
  const miner = aMiner()
  await tell.joined(miner, who)
  miner.pages = 3
  miner.coins = 5
  await tell.left(miner)
  expect(await device()).toMatchObject({ here: false, pages: 3, coins: 5 })
  expect((await presence.bustle()).pagesPerMinute).toBe(3)
})

test('goes on when the picture cannot be drawn, and draws it when it can', async () => {
  const broken = new Error('Redis is away')
  const see = presence.see.bind(presence)
  presence.see = () => Promise.reject(broken)
  await tell.joined(aMiner(), who)
  expect(errors).toEqual([broken])
  presence.see = see
  await round()
  expect(await device()).toMatchObject({ here: true })
})

test('of thousands that come at once each is told of once or twice, not all of them with every one', async () => {
  let sightings = 0
  const see = presence.see.bind(presence)
  presence.see = (some, hereMs) => {
    sightings += some.length
    return see(some, hereMs)
  }
  const joins = Array.from({ length: 2000 }, (_, n) =>
    tell.joined({ ...aMiner(), userId: `miner-${n}`, deviceId: `device-${n}` }, { ...who, connectionId: `c${n}` }),
  )
  await Promise.all(joins)
  expect(sightings).toBeGreaterThanOrEqual(2000)
  expect(sightings).toBeLessThanOrEqual(4000)
})
