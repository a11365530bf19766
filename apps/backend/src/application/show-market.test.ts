import { dayOf, mintAccount, mondayOf, startOfDay, userAccount } from '@quarry/domain'
import { FakeClock, openTestEngines, type TestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { JoinLeaderboard } from './join-leaderboard.ts'
import { ShowMarket } from './show-market.ts'
import { ShowMiners } from './show-miners.ts'

let engines: TestEngines
let market: ShowMarket
let board: JoinLeaderboard
let miners: ShowMiners

beforeEach(() => {
  engines = openTestEngines(new FakeClock())
  market = new ShowMarket(engines)
  board = new JoinLeaderboard({ ...engines, market })
  const coins = {
    flows: (userId: string, days: { from: number; to: number }) => engines.ledger.flows(userAccount(userId), days),
  }
  miners = new ShowMiners({ ...engines, coins })
})
afterEach(() => engines.close())

const earn = (userId: string, coins: number, day = dayOf(engines.clock.now())) =>
  engines.people.addEarned(day, [{ userId, pages: 1, coins }])

test('nobody is on the leaderboard but who joined, by coins of this week, and leaving removes at once', async () => {
  const monday = mondayOf(dayOf(engines.clock.now()))
  for (const [userId, coins] of [
    ['a', 5],
    ['b', 9],
    ['c', 5],
    ['quiet', 99],
  ] as const)
    await earn(userId, coins)
  await earn('a', 1000, monday - 1)
  await board.join('a', 'Ada')
  await board.join('b', 'Bob')
  await board.join('c', 'Cy1')
  await board.join('idle', 'Idle-1')
  const seen = await market.leaderboard('c')
  expect(seen).toEqual({
    weekStartsAt: startOfDay(monday),
    leaders: [
      { rank: 1, nickname: 'Bob', coins: 9, isYou: false },
      { rank: 2, nickname: 'Ada', coins: 5, isYou: false },
      { rank: 2, nickname: 'Cy1', coins: 5, isYou: true },
    ],
    you: { rank: 2, nickname: 'Cy1', coins: 5 },
  })
  expect(JSON.stringify(seen)).not.toMatch(/quiet|"userId"/)
  expect((await market.leaderboard('idle')).you).toEqual({ rank: 4, nickname: 'Idle-1', coins: 0 })
  await board.leave('b')
  await board.leave('b')
  expect((await market.leaderboard('b')).leaders.map(({ nickname }) => nickname)).toEqual(['Ada', 'Cy1'])
  expect(await market.leaderboard('b')).not.toHaveProperty('you')
})

test('a nickname is checked, and belongs to one', async () => {
  await board.join('a', ' Ada ')
  await expect(board.join('b', 'ADA')).rejects.toMatchObject({ code: 'nickname_taken' })
  await expect(board.join('b', 'admin')).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(board.join('b', '<b>')).rejects.toMatchObject({ fields: [{ field: 'nickname' }] })
  expect(await engines.people.members()).toEqual([{ userId: 'a', nickname: 'Ada' }])
})

test('the board is read at most every five seconds, the figures of the moment every second', async () => {
  await board.join('a', 'Ada')
  expect(await market.market()).toEqual({ minersOnline: 0, pagesPerMinute: 0, paidTodayCoins: 0 })
  expect((await market.leaderboard('a')).you).toMatchObject({ coins: 0 })
  await earn('a', 3)
  await engines.presence.delivered(2)
  expect((await market.market()).pagesPerMinute).toBe(0)
  await engines.clock.advance(1000)
  expect(await market.market()).toEqual({ minersOnline: 0, pagesPerMinute: 2, paidTodayCoins: 3 })
  expect((await market.leaderboard('a')).you).toMatchObject({ coins: 0 })
  await engines.clock.advance(4000)
  expect((await market.leaderboard('a')).you).toMatchObject({ coins: 3 })
})

test('a figure that could not be read is asked for anew', async () => {
  const bustle = engines.presence.bustle.bind(engines.presence)
  engines.presence.bustle = () => Promise.reject(new Error('Redis is away'))
  await expect(market.market()).rejects.toThrow('away')
  engines.presence.bustle = bustle
  await expect(market.market()).resolves.toMatchObject({ minersOnline: 0 })
})

test('a user sees their own devices: what is on its way, what is paid, and what they earned', async () => {
  const device = { deviceId: 'd', connectionId: 'c', connectedAt: engines.clock.now(), version: '1' }
  await engines.presence.see([{ ...device, userId: 'a', name: 'attic', pages: 4, coins: 8 }], 60_000)
  await engines.presence.see([{ ...device, userId: 'b', name: 'other', pages: 0, coins: 0, idle: 'no-jobs' }], 60_000)
  await engines.presence.paid([
    { userId: 'a', deviceId: 'd', coins: 5 },
    { userId: 'b', deviceId: 'd', coins: 1 },
  ])
  const today = dayOf(engines.clock.now())
  for (const [coins, day] of [
    [5, today],
    [7, today - 6],
    [100, today - 7],
  ] as const) {
    await earn('a', coins, day)
    await engines.ledger.apply([
      {
        id: `p${day}`,
        kind: 'payment',
        debit: mintAccount('a'),
        credit: userAccount('a'),
        amountCoins: coins,
        at: startOfDay(day),
      },
    ])
  }
  expect(await miners.run('a')).toEqual({
    devices: [
      {
        deviceId: 'd',
        name: 'attic',
        version: '1',
        state: 'mining',
        connectedAt: engines.clock.now(),
        seenAt: engines.clock.now(),
        pages: 4,
        pendingCoins: 3,
        paidCoins: 5,
      },
    ],
    today: { pages: 1, coins: 5 },
    week: { pages: 2, coins: 12 },
  })
  expect((await miners.run('b')).devices).toMatchObject([{ state: 'idle', idle: 'no-jobs', pendingCoins: 0 }])
  expect(await miners.forget('a', 'd')).toBe(false)
  await engines.clock.advance(60_000)
  expect((await miners.run('a')).devices).toMatchObject([{ state: 'away' }])
  expect(await miners.forget('b', 'x')).toBe(false)
  expect(await miners.forget('a', 'd')).toBe(true)
  expect((await miners.run('a')).devices).toEqual([])
})
