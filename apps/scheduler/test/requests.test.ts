import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerAll, emitAll, finishAll, SchedulerStage } from './scheduler-stage.ts'

let stage: SchedulerStage

beforeEach(async () => {
  stage = new SchedulerStage()
  await stage.open()
})

afterEach(() => stage.close())

test('pause holds what is not emitted; resume goes on at the next time of the grid', async () => {
  const order = await stage.place()
  const owner = await stage.owner()
  await stage.clock.advance(10_000)
  await emitAll(owner.keep)
  await stage.request(order, { kind: 'pause', reason: 'holiday' })
  await answerAll(owner.keep)
  expect(await stage.entry(order)).toMatchObject({ state: 'paused', firstSkipped: 1, reason: 'holiday' })
  await stage.clock.advance(35_000)
  await emitAll(owner.keep)
  expect(stage.reps(order)).toEqual([0])
  await stage.request(order, { kind: 'resume', now: stage.clock.now() })
  await answerAll(owner.keep)
  expect(stage.reps(order)).toEqual([0])
  await stage.clock.advance(5_000)
  await emitAll(owner.keep)
  expect(stage.reps(order)).toEqual([0, 1])
})

test('several "run now" bring as many repetitions forward, and the order still has no more than it paid for', async () => {
  const order = await stage.place({ repetitions: 3 })
  const owner = await stage.owner()
  for (let n = 0; n < 2; n++) await stage.request(order, { kind: 'run-now' })
  await answerAll(owner.keep)
  expect(stage.reps(order)).toEqual([0, 1])
  for (let n = 0; n < 5; n++) await stage.request(order, { kind: 'run-now' })
  await answerAll(owner.keep)
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
  await answerAll((await stage.owner(stage.newShard(0))).keep)
  expect(new Set(stage.reps(order))).toEqual(new Set([0, 1]))
})

test('cancel returns the coins of what was not emitted, also while paused, once', async () => {
  for (const pausedFirst of [false, true]) {
    const order = await stage.place({ repetitions: 5, priceCoins: 3 })
    const owner = await stage.owner(stage.newShard(0))
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    if (pausedFirst) await stage.request(order, { kind: 'pause' })
    await answerAll(owner.keep)
    await stage.request(order, { kind: 'cancel' })
    await answerAll(owner.keep)
    await answerAll(owner.keep)
    expect(await stage.entry(order)).toMatchObject({ state: 'cancelled', firstSkipped: 1 })
    expect((await stage.coins(order)).refundedCoins).toBe(12)
    expect(await stage.request(order, { kind: 'resume', now: stage.clock.now() })).toBe(false)
    await stage.mine()
    await owner.keep.closeSettled()
    expect((await stage.entry(order)).closed).toBe(true)
  }
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
    await answerAll(owner.keep)
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
    await answerAll(next.keep)
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
    await answerAll(owner.keep)
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
