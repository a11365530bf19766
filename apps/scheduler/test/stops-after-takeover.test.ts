import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerAll, emitAll, SchedulerStage } from './scheduler-stage.ts'

let stage: SchedulerStage

beforeEach(async () => {
  stage = new SchedulerStage()
  await stage.open()
})

afterEach(() => stage.close())

test.each([true, false])('a crash at any call of a cancel (done: %s) returns the coins exactly once', async (done) => {
  let blew = true
  for (let calls = 0; blew; calls++) {
    const order = await stage.place({ repetitions: 4 })
    const owner = await stage.owner(stage.newShard(0))
    await stage.clock.advance(10_000)
    await emitAll(owner.keep)
    await stage.request(order, { kind: 'cancel' })
    owner.fuse.arm(calls, { done, lasting: true })
    await answerAll(owner.keep).catch(() => undefined)
    blew = owner.fuse.blown
    const next = await stage.owner(stage.newShard(0))
    await answerAll(next.keep)
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
    await answerAll(next.keep)
    expect((await stage.entry(order)).firstSkipped).toBeUndefined()
    await stage.clock.advance(15_000)
    await emitAll(next.keep)
    await answerAll(next.keep)
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
  await answerAll(next.keep)
  await next.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(false)
  await stage.mine()
  await next.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(true)
  expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 2, refundedCoins: 2 })
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
    await answerAll(next.keep)
    expect(stage.reps(order)).toHaveLength(2 * rep + 1)
    expect((await stage.entry(order)).firstSkipped).toBeUndefined()
    await stage.clock.advance(800)
    await emitAll(next.keep)
    await answerAll(next.keep)
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
  await answerAll(next.keep)
  expect(stage.reps(order)).toEqual([0])
  await stage.clock.advance(800)
  await emitAll(next.keep)
  await answerAll(next.keep)
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
  await answerAll(next.keep)
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
  await answerAll(next.keep)
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
  await answerAll(owner.keep)
  stage.loseQueue()
  await owner.keep.checkQueue()
  expect(stage.reps(order)).toEqual([0, 1, 1])
  await stage.mine()
  await owner.keep.closeSettled()
  expect((await stage.entry(order)).closed).toBe(true)
  expect(await stage.coins(order)).toEqual({ paidInCoins: 4, paidOutCoins: 2, refundedCoins: 2 })
})
