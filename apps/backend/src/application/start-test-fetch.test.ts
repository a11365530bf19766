import { parseAllowList, TEST_FETCH_LOST_MS } from '@quarry/domain'
import { openTestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testFetchIds } from '../test-fetch-ids.ts'
import { CountMiners } from './count-miners.ts'
import { ShowTestFetch } from './show-test-fetch.ts'
import { StartTestFetch } from './start-test-fetch.ts'

let engines: ReturnType<typeof openTestEngines>
let start: StartTestFetch
let show: ShowTestFetch
let miners: CountMiners

beforeEach(() => {
  engines = openTestEngines()
  const { testFetches: tests, jobs: queue, clock, live } = engines
  const allowed = parseAllowList('')
  if (!allowed.ok) throw new Error('allow list')
  const random = { next: () => 0.5 } as never
  start = new StartTestFetch(
    { tests, queue, clock, random, gaps: { gapMs: () => 1000 }, ids: testFetchIds },
    { allowed: allowed.value, limits: { mostAnHour: 3, mostAtOnce: 2 } },
  )
  miners = new CountMiners({ live, clock })
  miners.start()
  show = new ShowTestFetch({ tests, miners, clock })
})

afterEach(() => engines.close())

const URL_ = 'https://example.org/'
const depth = async () => (await engines.jobs.depth()).waiting

test('queues one job, however often its request is repeated', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => start.run(URL_, 'anna', 'key')))
  expect(new Set(all.map((one) => one.ok && one.value.id)).size).toBe(1)
  expect(await depth()).toBe(1)
  expect(await start.run('https://example.org/other', 'anna', 'key')).toMatchObject({
    error: { code: 'idempotency_mismatch' },
  })
})

test('refuses what no order may ask for, and more than the limits allow', async () => {
  for (const [url, code] of [
    ['http://127.0.0.1/', 'address_forbidden'],
    ['http://[::1]/', 'address_forbidden'],
    ['ftp://example.org/', 'invalid_input'],
    ['nonsense', 'invalid_input'],
  ] as const)
    expect(await start.run(url, 'anna')).toMatchObject({ error: { code, fields: [{ field: 'url' }] } })
  expect((await start.run(URL_, 'anna')).ok && (await start.run(URL_, 'anna')).ok).toBe(true)
  expect(await start.run(URL_, 'anna')).toMatchObject({
    error: { code: 'test_fetch_limit', retryAfterMs: TEST_FETCH_LOST_MS },
  })
  expect((await start.run(URL_, 'bert')).ok).toBe(true)
})

test('is shown to its customer only, waits with the number of miners, and counts as failed once it is lost', async () => {
  const started = await start.run(URL_, 'anna')
  if (!started.ok) throw started.error
  const { id } = started.value
  engines.live.publish('miners', { kind: 'miners-connected', server: 's', count: 2 })
  engines.live.publish('miners', { kind: 'miners-connected', server: 't', count: 1 })
  await engines.clock.advance(0)
  expect(await show.one(id, 'anna')).toMatchObject({ state: 'waiting', connectedMiners: 3 })
  await expect(show.one(id, 'bert')).rejects.toMatchObject({ code: 'test_fetch_not_found' })
  await engines.clock.advance(TEST_FETCH_LOST_MS + 1)
  expect(await show.one(id, 'anna')).toMatchObject({
    state: 'failed',
    connectedMiners: 0,
    outcome: { reason: 'patience_over', fault: 'platform' },
  })
  await engines.clock.advance(3_600_000)
  await expect(show.one(id, 'anna')).rejects.toMatchObject({ code: 'test_fetch_not_found' })
})
