import { CATCH_UP_GRACE_MS, settlementOf, type Order } from '@quarry/domain'
import { aRun } from '@quarry/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeepSchedule } from '../src/application/keep-schedule.ts'
import { emitAll, giveUpAll, SchedulerStage } from './scheduler-stage.ts'

const PATIENCE_MS = 1_000
const LOOK_MS = 60_000

let stage: SchedulerStage
let order: Order
let keep: KeepSchedule

beforeEach(async () => {
  stage = new SchedulerStage()
  await stage.open()
  order = await stage.place({ patienceMs: PATIENCE_MS, repetitions: 2 })
  keep = (await stage.owner()).keep
  await stage.clock.advance(20_000)
  await emitAll(keep)
})
afterEach(() => stage.close())

/** Whoever had the result said that it was safe, and lost it. */
async function loseResult(): Promise<void> {
  const { leases } = await stage.queue.claim({ server: 'miner', max: 1, leaseMs: 60_000 })
  await stage.queue.ack(leases.map(({ token }) => ({ token })))
}

async function look(afterMs: number): Promise<void> {
  await stage.clock.advance(afterMs)
  await keep.closeSettled()
  await giveUpAll(keep)
}

describe('an ended order whose result was lost after it was confirmed', () => {
  test('is refunded what it lacks once its patience is long over, and closed', async () => {
    await stage.mine(1)
    await loseResult()
    await look(0)
    await look(PATIENCE_MS + CATCH_UP_GRACE_MS + 1)
    expect(stage.gaveUp).toEqual([])
    await look(LOOK_MS)
    expect(stage.gaveUp).toMatchObject([{ orderId: order.id, rep: 1, outcome: { reason: 'patience_over' } }])
    await look(0)
    expect((await stage.entry(order)).closed).toBe(true)
    expect(await stage.coins(order)).toEqual({ paidInCoins: 2, paidOutCoins: 1, refundedCoins: 1 })
  })

  test('is refunded nothing that came to the store between two looks', async () => {
    await stage.mine(1)
    await loseResult()
    await look(PATIENCE_MS + CATCH_UP_GRACE_MS + LOOK_MS)
    const run = aRun({ orderId: order.id, rep: 1, customerId: order.customerId })
    await stage.engines.results.store([{ run }], stage.clock.now())
    await stage.engines.ledger.apply([settlementOf(run)])
    await look(LOOK_MS)
    expect(stage.gaveUp).toEqual([])
    expect((await stage.entry(order)).closed).toBe(true)
  })

  test('is refunded nothing that the queue still has', async () => {
    await stage.mine(1)
    for (let looks = 0; looks < 4; looks++) await look(CATCH_UP_GRACE_MS)
    expect(stage.gaveUp).toEqual([])
    expect((await stage.entry(order)).closed).toBe(false)
  })
})
