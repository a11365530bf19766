import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emitAll, finishAll, refundAll, SchedulerStage, type SchedulerProcess } from './scheduler-stage.ts'

let stage: SchedulerStage

beforeEach(async () => {
  stage = new SchedulerStage()
  await stage.open()
})

afterEach(() => stage.close())

async function answer({ keep }: SchedulerProcess): Promise<void> {
  await keep.rereadAll()
  await emitAll(keep)
  await refundAll(keep)
}

test('pause holds what is not emitted; resume goes on at the next time of the grid', async () => {
  const order = await stage.place()
  const owner = await stage.owner()
  await stage.clock.advance(10_000)
  await emitAll(owner.keep)
  await stage.request(order, { kind: 'pause', reason: 'holiday' })
  await answer(owner)
  expect(await stage.entry(order)).toMatchObject({ state: 'paused', firstSkipped: 1, reason: 'holiday' })
  await stage.clock.advance(35_000)
  await emitAll(owner.keep)
  expect(stage.reps(order)).toEqual([0])
  await stage.request(order, { kind: 'resume', now: stage.clock.now() })
  await answer(owner)
  expect(stage.reps(order)).toEqual([0])
  await stage.clock.advance(5_000)
  await emitAll(owner.keep)
  expect(stage.reps(order)).toEqual([0, 1])
})

test('several "run now" bring as many repetitions forward, and the order still has no more than it paid for', async () => {
  const order = await stage.place({ repetitions: 3 })
  const owner = await stage.owner()
  for (let n = 0; n < 2; n++) await stage.request(order, { kind: 'run-now' })
  await answer(owner)
  expect(stage.reps(order)).toEqual([0, 1])
  for (let n = 0; n < 5; n++) await stage.request(order, { kind: 'run-now' })
  await answer(owner)
  expect(stage.reps(order)).toEqual([0, 1, 2])
  expect(await stage.entry(order)).toMatchObject({ state: 'finished', runNow: 0 })
})

test('"run now" with the clock set back below the watermark is lost by no crash', async () => {
  const order = await stage.place({ repetitions: 5 })
  const owner = await stage.owner()
  await stage.clock.advance(10_000)
  await emitAll(owner.keep)
  await owner.keep.moveWatermarks()
  stage.clock.stepWall(-5_000)
  await stage.request(order, { kind: 'run-now' })
  await owner.keep.rereadAll()
  await answer(await stage.owner(stage.newShard(0)))
  expect(new Set(stage.reps(order))).toEqual(new Set([0, 1]))
})

test('cancel returns the coins of what was not emitted, also while paused, once', async () => {
  for (const pausedFirst of [false, true]) {
    const order = await stage.place({ repetitions: 5, priceCoins: 3 })
    const owner = await stage.owner(stage.newShard(0))
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    if (pausedFirst) await stage.request(order, { kind: 'pause' })
    await answer(owner)
    await stage.request(order, { kind: 'cancel' })
    await answer(owner)
    await answer(owner)
    expect(await stage.entry(order)).toMatchObject({ state: 'cancelled', firstSkipped: 1 })
    expect((await stage.coins(order)).refundedCoins).toBe(12)
    expect(await stage.request(order, { kind: 'resume', now: stage.clock.now() })).toBe(false)
    await stage.mine()
    await owner.keep.closeSettled()
    expect((await stage.entry(order)).closed).toBe(true)
  }
})

test.each([true, false])('a crash at any call of a cancel (done: %s) returns the coins exactly once', async (done) => {
  let blew = true
  for (let calls = 0; blew; calls++) {
    const order = await stage.place({ repetitions: 4 })
    const owner = await stage.owner(stage.newShard(0))
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    await stage.request(order, { kind: 'cancel' })
    owner.fuse.arm(calls, { done, lasting: true })
    await answer(owner).catch(() => undefined)
    blew = owner.fuse.blown
    const next = await stage.owner(stage.newShard(0))
    await answer(next)
    await stage.mine()
    await next.keep.closeSettled()
    expect(await stage.entry(order), `call ${calls}`).toMatchObject({
      state: 'cancelled',
      firstSkipped: 1,
      closed: true,
    })
    expect(await stage.coins(order), `call ${calls}`).toEqual({ paidInCoins: 4, paidOutCoins: 1, refundedCoins: 3 })
  }
  expect(await stage.engines.ledger.audit()).toEqual([])
})

test.each(['mined', 'in the queue', 'lost with the queue'])(
  'with the clock set back, what a dead owner emitted past its watermark is not refunded (%s)',
  async (where) => {
    const order = await stage.place({ repetitions: 4 })
    const owner = await stage.owner()
    await stage.clock.advance(20_000)
    await emitAll(owner.keep)
    if (where === 'mined') await stage.mine()
    if (where === 'lost with the queue') stage.loseQueue()
    stage.clock.stepWall(-15_000)
    await stage.request(order, { kind: 'cancel' })
    const next = await stage.owner(stage.newShard(0))
    await answer(next)
    expect((await stage.entry(order)).firstSkipped).toBeUndefined()
    await stage.clock.advance(15_000)
    await emitAll(next.keep)
    await answer(next)
    await stage.mine()
    expect(await stage.entry(order)).toMatchObject({ firstSkipped: 2 })
    expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 2, refundedCoins: 2 })
    expect(await stage.engines.ledger.audit()).toEqual([])
  },
)

test('what was emitted before a cancel is emitted again when a crash took the queue along', async () => {
  const order = await stage.place({ repetitions: 4 })
  const owner = await stage.owner()
  await stage.clock.advance(20_000)
  await emitAll(owner.keep)
  await stage.request(order, { kind: 'cancel' })
  await owner.keep.rereadAll()
  stage.loseQueue()
  const next = await stage.owner(stage.newShard(0))
  await answer(next)
  await next.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(false)
  await stage.mine()
  await next.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(true)
  expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 2, refundedCoins: 2 })
})

test.each([true, false])('a stop whose answer is lost on the way emits nothing beyond it (done: %s)', async (done) => {
  for (let calls = 0; calls < 20; calls++) {
    const order = await stage.place({ repetitions: 4 })
    const owner = await stage.owner(stage.newShard(0))
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    await stage.request(order, { kind: 'cancel' })
    owner.fuse.arm(calls, { done, lasting: false })
    await owner.keep.rereadAll().catch(() => undefined)
    await stage.clock.advance(10_000)
    owner.fuse.arm(calls, { done, lasting: false })
    await emitAll(owner.keep).catch(() => undefined)
    owner.fuse.disarm()
    await answer(owner)
    await stage.mine()
    const { firstSkipped } = await stage.entry(order)
    expect([...stage.dealtWith(order)], `call ${calls}`).toHaveLength(firstSkipped!)
    const coins = { paidInCoins: 4, paidOutCoins: firstSkipped, refundedCoins: 4 - firstSkipped! }
    expect(await stage.coins(order), `call ${calls}`).toEqual(coins)
  }
})

describe('of a stop that was recorded, but its owner does not know', () => {
  const schedule = () => ({ kind: 'interval', startAt: stage.clock.now() + 10_000, intervalMs: 2_000 }) as const

  test('the owner that tries again emits nothing in between', async () => {
    const order = await stage.place({ repetitions: 6, schedule: schedule() })
    const owner = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    await stage.request(order, { kind: 'cancel' })
    const next = await stage.owner(stage.newShard(0))
    await stage.clock.advance(2_000)
    while (await next.keep.emitDue());
    next.fuse.arm(0, { done: true, lasting: false })
    await expect(next.keep.finishSome()).rejects.toThrow()
    expect(await stage.entry(order)).toMatchObject({ firstSkipped: 2 })
    await stage.clock.advance(2_000)
    await finishAll(next.keep)
    await answer(next)
    expect(stage.dealtWith(order)).toEqual(new Set([0, 1]))
  })

  test('what falls due after the customer resumed is emitted, though a pause follows', async () => {
    const order = await stage.place({ repetitions: 6, schedule: schedule() })
    const owner = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    await stage.request(order, { kind: 'pause' })
    const buckets = owner.keep.ownedBuckets.length
    owner.fuse.arm(buckets + 1, { done: true, lasting: false })
    await expect(owner.keep.rereadAll()).rejects.toThrow()
    expect(await stage.entry(order)).toMatchObject({ state: 'paused', firstSkipped: 1 })
    await stage.request(order, { kind: 'resume', now: stage.clock.now() })
    await stage.clock.advance(2_000)
    await stage.request(order, { kind: 'pause' })
    await answer(owner)
    expect(await stage.entry(order)).toMatchObject({ state: 'paused', firstSkipped: 2 })
    expect(stage.reps(order)).toEqual([0, 1])
  })
})

test('a bus that does not answer holds up the refund, not the jobs', async () => {
  const cancelled = await stage.place()
  const owner = await stage.owner()
  const order = await stage.place()
  await stage.request(cancelled, { kind: 'cancel' })
  await owner.keep.rereadAll()
  stage.engines.bus.close()
  await expect(owner.keep.publishRefunds()).rejects.toThrow()
  await stage.clock.advance(10_000)
  await emitAll(owner.keep)
  expect(stage.reps(order)).toEqual([0])
  expect((await stage.entry(cancelled)).state).toBe('cancelling')
})

test.each([0, 1])(
  'a cancel answered by a clock behind that of the dead owner refunds nothing it emitted (rep %i)',
  async (rep) => {
    const order = await stage.place({ repetitions: 4 })
    const ahead = await stage.owner(stage.newShard(0), { aheadMs: 900 })
    await stage.clock.advance(10_000 * (rep + 1) - 800)
    await emitAll(ahead.keep)
    expect(stage.reps(order)).toContain(rep)
    await stage.request(order, { kind: 'cancel' })
    const next = await stage.owner(stage.newShard(0))
    await answer(next)
    expect(stage.reps(order)).toHaveLength(2 * rep + 1)
    expect((await stage.entry(order)).firstSkipped).toBeUndefined()
    await stage.clock.advance(800)
    await emitAll(next.keep)
    await answer(next)
    await stage.mine()
    expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: rep + 1, refundedCoins: 3 - rep })
    expect(await stage.engines.ledger.audit()).toEqual([])
  },
)

test('the same when the cancel comes only after the take-over', async () => {
  const order = await stage.place({ repetitions: 4 })
  const ahead = await stage.owner(stage.newShard(0), { aheadMs: 900 })
  await stage.clock.advance(9_200)
  await emitAll(ahead.keep)
  const next = await stage.owner(stage.newShard(0))
  await stage.request(order, { kind: 'cancel' })
  await answer(next)
  expect(stage.reps(order)).toEqual([0])
  await stage.clock.advance(800)
  await emitAll(next.keep)
  await answer(next)
  expect(stage.reps(order)).toEqual([0, 0])
  await stage.mine()
  expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 1, refundedCoins: 3 })
})

test('what the last owner emits by its last look, with a clock ahead, is not refunded; then it looks again', async () => {
  const startAt = stage.clock.now() + 10_000
  const order = await stage.place({ repetitions: 10, schedule: { kind: 'interval', startAt, intervalMs: 450 } })
  const ahead = await stage.owner(stage.newShard(0), { aheadMs: 900 })
  await stage.clock.advance(9_200)
  await emitAll(ahead.keep)
  const next = await stage.owner(stage.newShard(0))
  await stage.request(order, { kind: 'cancel' })
  await answer(next)
  await stage.clock.advance(450)
  await emitAll(ahead.keep)
  expect(stage.reps(order)).toEqual([0, 1])
  await stage.clock.advance(450)
  await emitAll(ahead.keep)
  expect(stage.reps(order)).toEqual([0, 1])
  await emitAll(next.keep)
  expect((await stage.entry(order)).firstSkipped).toBeUndefined()
  await stage.clock.advance(3_000)
  await emitAll(next.keep)
  await answer(next)
  const upToHorizon = [0, 1, 2, 3, 4, 5, 6]
  expect(stage.reps(order)).toEqual([0, 1, ...upToHorizon])
  await stage.mine()
  expect(await stage.coins(order)).toEqual({ paidInCoins: 10, paidOutCoins: 7, refundedCoins: 3 })
})

test('what was emitted before a cancel comes back when the queue loses it afterwards', async () => {
  const order = await stage.place({ repetitions: 4 })
  const owner = await stage.owner()
  await stage.clock.advance(20_000)
  await emitAll(owner.keep)
  await stage.mine(1)
  await stage.request(order, { kind: 'cancel' })
  await answer(owner)
  stage.loseQueue()
  await owner.keep.checkQueue()
  expect(stage.reps(order)).toEqual([0, 1, 1])
  await stage.mine()
  await owner.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(true)
  expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 2, refundedCoins: 2 })
})
