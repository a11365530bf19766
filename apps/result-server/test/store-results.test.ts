import type { LiveEvent, ResultMessage, SettlementMessage } from '@quarry/contracts'
import { MemoryLiveEvents, MemoryResultBus } from '@quarry/messaging-memory'
import { testFetchIdOf } from '@quarry/domain'
import { SqliteEngine, SqliteResultStore, SqliteTestFetchStore } from '@quarry/storage-sqlite'
import { aRun, FakeClock } from '@quarry/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { StoreResults } from '../src/application/store-results.ts'

const failure = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'late' } as const
const page = (fields: Parameters<typeof aRun>[0] = {}): ResultMessage => ({
  v: 1,
  run: aRun(fields),
  body: Buffer.from('page'),
})
const failed = (fields: Parameters<typeof aRun>[0] = {}): ResultMessage => ({
  v: 1,
  run: aRun({ ...fields, outcome: failure }),
})

let clock: FakeClock
let bus: MemoryResultBus
let live: MemoryLiveEvents
let results: SqliteResultStore
let testFetches: SqliteTestFetchStore
let settled: SettlementMessage[]
let store: StoreResults

beforeEach(async () => {
  clock = new FakeClock()
  bus = new MemoryResultBus(clock)
  live = new MemoryLiveEvents()
  const engine = SqliteEngine.open(':memory:')
  results = new SqliteResultStore(engine)
  testFetches = new SqliteTestFetchStore(engine)
  settled = []
  store = new StoreResults({ results, testFetches, bus, live, clock })
  await bus.settlements.consume(
    { maxMessages: 100, maxWaitMs: 0, maxBatches: 4 },
    async (batch) => void settled.push(...batch),
  )
})

const transfers = () => settled.map(({ transfer: { id, kind, credit } }) => [id, kind, credit])

describe('settling', () => {
  test('pays the miner for a page and returns the coin for a failure', async () => {
    await store.run([page({ rep: 0 }), failed({ rep: 1 })])
    expect(transfers()).toEqual([
      ['o1:0', 'payment', 'user:miner'],
      ['o1:1', 'refund', 'user:customer'],
    ])
    expect(settled[0]!.traceparent).toBe(aRun().traceparent)
  })

  test('follows the run that was stored first, within a batch and across batches', async () => {
    await store.run([
      page({ miner: { userId: 'first', deviceId: 'a' } }),
      page({ miner: { userId: 'second', deviceId: 'b' } }),
      failed(),
    ])
    await store.run([failed(), page({ miner: { userId: 'third', deviceId: 'c' } })])
    expect(new Set(transfers().map(String))).toEqual(new Set(['o1:0,payment,user:first']))
    expect((await results.inbox('customer', { limit: 10 })).map(({ run }) => run.miner?.userId)).toEqual(['first'])
  })

  test('a failure stored first is a refund, whoever brings a page afterwards', async () => {
    await store.run([failed()])
    await store.run([page()])
    expect(new Set(transfers().map(String))).toEqual(new Set(['o1:0,refund,user:customer']))
  })

  test('dying between the rows and the settlement: the next delivery settles the same', async () => {
    const publish = bus.settlements.publish
    bus.settlements.publish = () => Promise.reject(new Error('killed here'))
    await expect(store.run([page()])).rejects.toThrow('killed here')
    expect(await results.run('o1:0')).toBeDefined()
    expect(settled).toEqual([])
    bus.settlements.publish = publish
    await store.run([page()])
    await store.run([page()])
    expect(settled[0]!.transfer).toEqual(settled[1]!.transfer)
    expect(settled[0]!.transfer).toMatchObject({ id: 'o1:0', kind: 'payment', amountCoins: 1 })
    expect(await results.inbox('customer', { limit: 10 })).toHaveLength(1)
  })

  test('nothing is settled when the rows could not be stored', async () => {
    results.store = () => Promise.reject(new Error('disk full'))
    await expect(store.run([page()])).rejects.toThrow('disk full')
    expect(settled).toEqual([])
  })
})

test('those who wait are woken once the rows are there, before the coins are', async () => {
  const heard: [string, LiveEvent][] = []
  for (const userId of ['customer', 'other']) live.subscribe(`user:${userId}`, (event) => heard.push([userId, event]))
  bus.settlements.publish = () => new Promise(() => undefined)
  void store.run([page({ rep: 0 }), page({ rep: 1 }), page({ orderId: 'o2', customerId: 'other' })])
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toContainEqual(['customer', { kind: 'results-waiting' }])
  expect(heard).toContainEqual(['other', { kind: 'results-waiting' }])
  expect(heard).toContainEqual(['customer', { kind: 'run-stored', orderId: 'o1', rep: 1 }])
  expect(heard).toHaveLength(4)
})

test('a result delivered again wakes nobody', async () => {
  await store.run([page()])
  const heard: LiveEvent[] = []
  live.subscribe('user:customer', (event) => heard.push(event))
  await store.run([page()])
  await clock.advance(0)
  expect(heard).toEqual([])
})

test('what came of a test fetch is told and kept apart: no run, no inbox, no coin, however often it comes', async () => {
  const id = testFetchIdOf('a'.repeat(32))
  const test = { id, customerId: 'customer', url: 'https://example.org/', host: 'example.org', createdAt: clock.now() }
  await testFetches.admit(test, { mostAnHour: 1, mostAtOnce: 1 })
  const heard: LiveEvent[] = []
  live.subscribe('user:customer', (event) => heard.push(event))
  const fetched = page({ orderId: id, jobId: `${id}:0`, rep: 0, priceCoins: 0 })
  await store.run([fetched, page({ rep: 0 })])
  await store.run([fetched])
  await clock.advance(0)
  expect((await testFetches.find(id))?.run).toEqual(fetched.run)
  expect(transfers()).toEqual([['o1:0', 'payment', 'user:miner']])
  expect(await results.run(`${id}:0`)).toBeUndefined()
  expect(await results.inbox('customer', { limit: 10 })).toHaveLength(1)
  expect(heard).toContainEqual({ kind: 'test-fetch-changed', testId: id, state: 'over' })
})
