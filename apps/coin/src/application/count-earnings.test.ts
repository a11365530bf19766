import { dayOf, settlementOf, type RunResult } from '@quarry/domain'
import { aRun, FakeClock, openTestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CountEarnings } from './count-earnings.ts'

let engines: ReturnType<typeof openTestEngines>
let count: CountEarnings
let told: string[]

beforeEach(async () => {
  engines = openTestEngines(new FakeClock())
  count = new CountEarnings(engines)
  told = []
  engines.live.subscribe('user:miner', ({ kind }) => told.push(kind))
  engines.live.subscribe('market', ({ kind }) => told.push(kind))
  const device = { userId: 'miner', deviceId: 'device', connectionId: 'c', name: 'n', version: '1' }
  await engines.presence.see([{ ...device, connectedAt: engines.clock.now(), pages: 3, coins: 7 }], 60_000)
})
afterEach(() => engines.close())

const note = (run: Partial<RunResult> = {}, deviceId?: string) =>
  count.note({
    v: 1,
    transfer: settlementOf(aRun(run)),
    traceparent: aRun().traceparent,
    ...(deviceId !== undefined && { deviceId }),
  })

test('what was paid is counted by user and day, and by device', async () => {
  note({ priceCoins: 2 }, 'device')
  note({ rep: 1, priceCoins: 3 }, 'device')
  note({ rep: 2 })
  note({ rep: 3, miner: { userId: 'other', deviceId: 'd' } }, 'd')
  note({ rep: 4, outcome: { kind: 'failure', reason: 'missed', fault: 'platform', detail: '' } })
  await count.flush()
  const today = dayOf(engines.clock.now())
  expect(await engines.people.earnedBy('miner', today, today)).toEqual({ pages: 3, coins: 6 })
  expect(await engines.people.earnedOn(today)).toEqual({ pages: 4, coins: 7 })
  expect(await engines.people.earnedBy('customer', today, today)).toEqual({ pages: 0, coins: 0 })
  expect(await engines.presence.devicesOf('miner')).toMatchObject([{ coins: 7, paidCoins: 5 }])
  expect(told).toEqual(['miners-changed', 'market-changed'])
})

test('a flush counts once, and one without anything new tells nobody', async () => {
  note({}, 'device')
  await Promise.all([count.flush(), count.flush()])
  await count.flush()
  const today = dayOf(engines.clock.now())
  expect(await engines.people.earnedOn(today)).toEqual({ pages: 1, coins: 1 })
  expect(told).toEqual(['miners-changed', 'market-changed'])
})
