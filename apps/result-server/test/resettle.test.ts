import type { SettlementMessage } from '@quarry/contracts'
import { bucketOf, cancelRefundOf, escrowOf, mintAccount, newEntry, settlementOf, userAccount } from '@quarry/domain'
import { auditOwed } from '@quarry/storage-port'
import { anOrder, aRun, openTestEngines, type TestEngines } from '@quarry/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Resettle } from '../src/application/resettle.ts'
import { StoreResults } from '../src/application/store-results.ts'

const failure = { kind: 'failure', reason: 'timed_out', fault: 'target', detail: 'late' } as const
const limits = { maxMessages: 100, maxWaitMs: 0, maxBatches: 4 }
const random = { next: () => 0.5 }
const GRACE_MS = 60_000

let engines: TestEngines
/** What came to coin; it is applied. */
let settled: SettlementMessage[]
let coinIsThere: boolean
beforeEach(async () => {
  engines = openTestEngines()
  settled = []
  coinIsThere = false
  await engines.users.createUser({ userId: 'ann', email: 'ann@example.org', passwordHash: 'x', createdAt: 0 })
  await engines.bus.settlements.consume(limits, async (batch) => {
    // A bus without its disk: it confirms, and no consumer ever hears of it.
    if (!coinIsThere) return
    settled.push(...batch)
    await engines.ledger.apply(batch.map(({ transfer }) => transfer))
  })
})
afterEach(() => engines.close())

/** An order of `ann`'s with its coins in escrow. */
async function paidOrder(id: string, repetitions: number) {
  const order = anOrder({ id, customerId: 'ann', repetitions })
  const mint = { id: `mint:${id}`, kind: 'mint', debit: mintAccount('ann'), credit: userAccount('ann') } as const
  await engines.ledger.apply([{ ...mint, amountCoins: repetitions, at: 0 }, escrowOf(order)])
  await engines.orders.create(order)
  await engines.orders.settlePlacement(id, 'placed')
  return order
}

/** Runs are stored, and their settlements published, as they come. */
async function store(orderId: string, reps: readonly number[]) {
  const runs = reps.map((rep) => aRun({ orderId, rep, customerId: 'ann', ...(rep % 2 === 1 && { outcome: failure }) }))
  const stored = new StoreResults(engines)
  await stored.run(runs.map((run) => ({ v: 1, run })))
  return runs
}

async function cancel(id: string, firstSkipped: number) {
  const entry = newEntry(anOrder({ id, customerId: 'ann', repetitions: 10 }))
  await engines.schedule.activate(entry, 0)
  await engines.schedule.request(id, { kind: 'cancel' })
  const bucket = bucketOf(id)
  await engines.schedule.claim(bucket, 0, 'owner')
  const hold = { bucket, epoch: 1 }
  await engines.schedule.answer(hold, id, { kind: 'stopped', firstSkipped })
  await engines.schedule.answer(hold, id, { kind: 'refunded' })
}

async function resettle(withBus = true, since?: number) {
  const { clock, bus } = engines
  const steps = []
  for await (const step of new Resettle({ stores: engines, clock, random, ...(withBus && { bus }) }).run(since))
    steps.push(step)
  return { ids: steps.flatMap(({ owed }) => owed.map(({ transfer }) => transfer.id)), sums: steps.at(-1)!.soFar }
}

const balance = async (user: string) => (await engines.ledger.balance(userAccount(user))).postedCoins
/** Whatever is waited for is over at once. */
const audit = () => {
  const after = (_ms: number, action: () => void) => {
    queueMicrotask(action)
    return () => undefined
  }
  return auditOwed(engines, { clock: { now: () => engines.clock.now(), after }, graceMs: GRACE_MS })
}

test('what a bus confirmed and lost is named after its grace, settled once, and then nothing is left', async () => {
  await paidOrder('o', 10)
  const runs = await store('o', [0, 1, 2])
  await cancel('o', 3)
  expect(await audit()).toMatchObject({ count: 1, named: [{ subject: 'o:cancel' }] })
  await engines.clock.advance(GRACE_MS + 1)
  const { count, named } = await audit()
  expect(count).toBe(4)
  expect(named.map(({ invariant, subject }) => [invariant, subject])).toEqual(
    ['o:0', 'o:1', 'o:2', 'o:cancel'].map((id) => ['stored-is-settled', id]),
  )

  coinIsThere = true
  expect(await resettle(false)).toMatchObject({ ids: ['o:0', 'o:1', 'o:2', 'o:cancel'], sums: { published: 4 } })
  expect(settled).toEqual([])
  expect((await resettle()).sums).toEqual({ runs: 3, orders: 1, published: 4, refused: 0 })
  expect(settled.map(({ transfer }) => transfer)).toEqual([
    ...runs.map(settlementOf),
    cancelRefundOf(anOrder({ id: 'o', customerId: 'ann', repetitions: 10 }), 3, engines.clock.now()),
  ])
  expect(settled[0]).toMatchObject({ deviceId: 'device', traceparent: runs[0]!.traceparent })
  expect([await balance('miner'), await balance('ann')]).toEqual([2, 8])

  expect((await resettle()).sums).toMatchObject({ published: 0 })
  expect(await audit()).toEqual({ named: [], count: 0 })
  expect([await balance('miner'), await balance('ann')]).toEqual([2, 8])
  expect(await engines.ledger.audit()).toEqual([])
})

test('of many it names some and counts all; it begins where it is told to', async () => {
  await paidOrder('o', 250)
  await store('o', [...Array(150).keys()])
  await engines.clock.advance(GRACE_MS + 1)
  const since = engines.clock.now()
  await store(
    'o',
    [...Array(100).keys()].map((rep) => rep + 150),
  )
  expect(await audit()).toMatchObject({ count: 150, named: { length: 100 } })
  coinIsThere = true
  expect((await resettle(true, since)).sums).toEqual({ runs: 100, orders: 1, published: 100, refused: 0 })
  expect((await resettle()).sums).toEqual({ runs: 250, orders: 1, published: 150, refused: 0 })
})

test('what the ledger refused is told of and not published again', async () => {
  await store('unpaid', [0])
  await engines.ledger.apply([settlementOf(aRun({ orderId: 'unpaid', customerId: 'ann' }))])
  coinIsThere = true
  expect((await resettle()).sums).toMatchObject({ published: 0, refused: 1 })
  expect(settled).toEqual([])
  await engines.clock.advance(GRACE_MS + 1)
  expect((await audit()).named).toMatchObject([{ detail: expect.stringContaining('the ledger refused it') }])
})
