import { afterEach, beforeEach, expect, test } from 'vitest'
import { bucketOf } from '@quarry/domain'
import { RunScheduler } from '../src/application/run-scheduler.ts'
import { SchedulerStage, type SchedulerProcess } from './scheduler-stage.ts'

let stage: SchedulerStage
let errors: string[]

beforeEach(async () => {
  stage = new SchedulerStage()
  errors = []
  await stage.open()
})

afterEach(() => stage.close())

function run({ keep }: SchedulerProcess): RunScheduler {
  const times = { watermarkMs: 2000, rereadMs: 3000, closeMs: 3000 }
  const scheduler = new RunScheduler(
    { schedule: keep, clock: stage.clock, onError: (_, step) => errors.push(step) },
    times,
  )
  scheduler.start()
  return scheduler
}

test('it emits at the due moment, finds silent changes by itself, and closes what is settled', async () => {
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  await stage.clock.advance(0)
  const order = await stage.place({ repetitions: 2 })
  await stage.clock.advance(9_999)
  expect(stage.reps(order)).toEqual([])
  await stage.clock.advance(1)
  expect(stage.reps(order)).toEqual([0])
  await stage.clock.advance(10_000)
  await stage.mine()
  await stage.clock.advance(3_000)
  expect(await stage.entry(order)).toMatchObject({ state: 'finished', closed: true })
  expect(errors).toEqual([])
  await scheduler.stop()
})

test('a hint is followed at once, and a cancel that it tells of ends with the coins back', async () => {
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  await stage.clock.advance(0)
  const order = await stage.place()
  await stage.request(order, { kind: 'cancel' })
  scheduler.hint(bucketOf(order.id))
  await stage.clock.advance(1)
  expect((await stage.entry(order)).state).toBe('cancelled')
  expect((await stage.coins(order)).refundedCoins).toBe(3)
  await scheduler.stop()
})

test.each([0, 1, 2, 3, 5, 8, 13])(
  'after call %i fails once, the take-over, the emission and the refund are tried again',
  async (calls) => {
    const process = stage.scheduler()
    const order = await stage.place()
    const cancelled = await stage.place()
    await stage.request(cancelled, { kind: 'cancel' })
    const scheduler = run(process)
    process.fuse.arm(calls, { done: true, lasting: false })
    await scheduler.assign(stage.newShard(0))
    await stage.clock.advance(4_000)
    process.fuse.arm(calls, { done: false, lasting: false })
    await stage.clock.advance(6_400)
    expect(stage.reps(order)).toContain(0)
    expect((await stage.entry(cancelled)).state).toBe('cancelled')
    expect(errors.length).toBeGreaterThan(0)
    await scheduler.stop()
  },
)

test('a scheduler that stopped emits no more and leaves its watermark behind', async () => {
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  const order = await stage.place()
  await stage.clock.advance(10_100)
  await scheduler.stop()
  expect((await stage.engines.schedule.bucket(bucketOf(order.id))).watermark).toBeGreaterThanOrEqual(
    order.createdAt + 10_000,
  )
  await stage.clock.advance(60_000)
  expect(stage.reps(order)).toEqual([0])
})

test('a clock set forward makes due what it passed, within a look', async () => {
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  const order = await stage.place({
    schedule: { kind: 'once', startAt: stage.clock.now() + 3_600_000 },
    repetitions: 1,
  })
  await stage.clock.advance(3_000)
  stage.clock.stepWall(3_600_000)
  await stage.clock.advance(3_000)
  expect(stage.reps(order)).toEqual([0])
  await scheduler.stop()
})

test('results that nobody confirms hold up what is given up, not what is due', async () => {
  const missed = await stage.place({ catchUp: 'none', repetitions: 2 })
  await stage.clock.advance(400_000)
  const resume = stage.stallResults()
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  await stage.clock.advance(1_000)
  const order = await stage.place()
  scheduler.hint(bucketOf(order.id))
  await stage.clock.advance(10_000)
  expect([stage.reps(order), stage.gaveUp]).toEqual([[0], []])
  resume()
  await stage.clock.advance(4_000)
  expect(stage.gaveUp.map(({ rep }) => rep)).toEqual([0, 1])
  expect(await stage.entry(missed)).toMatchObject({ state: 'finished', closed: true })
  expect(errors).toEqual([])
  await scheduler.stop()
})

test('results that cannot be published are tried again', async () => {
  const missed = await stage.place({ catchUp: 'none', repetitions: 2 })
  await stage.clock.advance(400_000)
  const { publish } = stage.engines.bus.results
  stage.engines.bus.results.publish = () => Promise.reject(new Error('down'))
  const scheduler = run(stage.scheduler())
  await scheduler.assign(stage.newShard(0))
  await stage.clock.advance(3_000)
  expect(new Set(errors)).toEqual(new Set(['give up repetitions']))
  stage.engines.bus.results.publish = publish
  await stage.clock.advance(8_000)
  expect((await stage.entry(missed)).closed).toBe(true)
  await scheduler.stop()
})

test('a queue that does not answer keeps nobody from pausing an order', async () => {
  const owner = stage.scheduler()
  const scheduler = run(owner)
  await scheduler.assign(stage.newShard(0))
  const order = await stage.place()
  await stage.clock.advance(3_000)
  stage.queueIsDown = true
  await stage.request(order, { kind: 'pause' })
  await stage.clock.advance(3_000)
  expect(errors).toContain('check the queue')
  expect((await stage.entry(order)).state).toBe('paused')
  await scheduler.stop()
})
