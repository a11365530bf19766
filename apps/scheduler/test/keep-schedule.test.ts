import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bucketOf, CATCH_UP_GRACE_MS, type CatchUp, type Order } from '@quarry/domain'
import { Blown } from '@quarry/testkit'
import { emitAll, finishAll, giveUpAll, refundAll, SchedulerStage, SHARDS, takeShard } from './scheduler-stage.ts'

let stage: SchedulerStage

beforeEach(async () => {
  stage = new SchedulerStage()
  await stage.open()
})

afterEach(() => stage.close())

async function dies(action: Promise<unknown>): Promise<void> {
  await expect(action).rejects.toThrow(Blown)
}

const watermarkOf = async (order: Order) => (await stage.engines.schedule.bucket(bucketOf(order.id))).watermark

describe('emission', () => {
  test('a repetition is emitted when it is due, not before, and the order finishes with its last', async () => {
    const order = await stage.place()
    const { keep } = await stage.owner()
    await stage.clock.advance(9_999)
    await emitAll(keep)
    expect(stage.reps(order)).toEqual([])
    for (let rep = 0; rep < 3; rep++) {
      await stage.clock.advance(rep === 0 ? 1 : 10_000)
      await emitAll(keep)
    }
    expect(stage.emitted.map(({ rep, dueAt }) => [rep, dueAt - order.createdAt])).toEqual([
      [0, 10_000],
      [1, 20_000],
      [2, 30_000],
    ])
    expect((await stage.entry(order)).state).toBe('finished')
    await keep.closeSettled()
    expect((await stage.entry(order)).closed).toBe(false)
    await stage.mine()
    await keep.closeSettled()
    expect((await stage.entry(order)).closed).toBe(true)
  })

  test('the watermark moves only after the emission; a crash between the two emits the same ids again', async () => {
    const order = await stage.place()
    const first = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(first.keep)
    expect(await watermarkOf(order)).toBe(0)
    const second = await stage.owner(stage.newShard(0))
    await emitAll(second.keep)
    expect(stage.emitted.map(({ jobId }) => jobId)).toEqual([`${order.id}:0`, `${order.id}:0`])
    expect((await stage.queue.depth()).waiting).toBe(1)
    await second.keep.moveWatermarks()
    expect(await watermarkOf(order)).toBe(stage.clock.now())
  })

  test.each([true, false])(
    'a queue that fails (after it took the jobs: %s) moves no watermark and is asked again',
    async (done) => {
      const order = await stage.place()
      const { keep, fuse } = await stage.owner()
      await stage.clock.advance(10_000)
      // The first call is the look whether the bucket is still ours.
      fuse.arm(1, { done, lasting: false })
      await dies(keep.emitDue())
      await keep.moveWatermarks()
      expect(await watermarkOf(order)).toBeLessThan(stage.clock.now())
      await emitAll(keep)
      expect(new Set(stage.reps(order))).toEqual(new Set([0]))
      expect((await stage.queue.depth()).waiting).toBe(1)
    },
  )

  test('an order that is late is emitted although the queue failed in the middle of catching up', async () => {
    const order = await stage.place({ catchUp: 'all', repetitions: 40 })
    const { keep, fuse } = await stage.owner()
    await stage.clock.advance(400_000)
    fuse.arm(1, { done: false, lasting: false })
    await dies(keep.emitDue())
    await emitAll(keep)
    expect(stage.reps(order)).toEqual(Array.from({ length: 40 }, (_, rep) => rep))
  })

  test('an order activated while its bucket is held is found by a hint, and by the next look without one', async () => {
    const { keep } = await stage.owner()
    const hinted = await stage.place()
    await keep.readChanges(bucketOf(hinted.id))
    const silent = await stage.place()
    expect(keep.watchedOrders).toBe(1)
    await keep.rereadAll()
    expect(keep.watchedOrders).toBe(2)
    await stage.clock.advance(10_000)
    await emitAll(keep)
    expect([stage.reps(hinted), stage.reps(silent)]).toEqual([[0], [0]])
  })

  test('a watermark does not move over an order that the owner has not read yet', async () => {
    const { keep } = await stage.owner()
    const known = await stage.place()
    await keep.rereadAll()
    await stage.clock.advance(10_000)
    await emitAll(keep)
    let id = 'other'
    for (let n = 0; bucketOf(id) !== bucketOf(known.id); n++) id = `other-${n}`
    await stage.place({ id })
    await keep.moveWatermarks()
    expect(await watermarkOf(known)).toBe(0)
    await keep.moveWatermarks()
    expect(await watermarkOf(known)).toBe(stage.clock.now())
  })

  test('a clock that steps back fires nothing twice', async () => {
    const order = await stage.place()
    const { keep } = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(keep)
    await keep.moveWatermarks()
    stage.clock.stepWall(-5_000)
    await emitAll(keep)
    await stage.clock.advance(5_000)
    await emitAll(keep)
    expect(stage.reps(order)).toEqual([0])
    await stage.clock.advance(10_000)
    await emitAll(keep)
    expect(stage.reps(order)).toEqual([0, 1])
  })

  test('100,000 orders are taken over and emitted once each', { timeout: 120_000 }, async () => {
    const now = stage.clock.now()
    const orders = 100_000
    const schedule = { kind: 'once', startAt: now + 1000 } as const
    for (let from = 0; from < orders; from += 2_000) {
      await Promise.all(
        Array.from({ length: 2_000 }, (_, i) => {
          const id = `many-${from + i}`
          const order = {
            id,
            customerId: 'c',
            name: '',
            url: 'https://example.org/',
            host: 'example.org',
            schedule,
            repetitions: 1,
          }
          const entry = {
            order: { ...order, priceCoins: 1, patienceMs: 600_000, catchUp: 'latest', createdAt: now } as Order,
          }
          return stage.engines.schedule.activate(
            { ...entry, state: 'active', segments: [{ fromRep: 0, baseAt: now + 1000 }], runNow: 0, closed: false },
            now,
          )
        }),
      )
    }
    const { keep } = await stage.owner(stage.newShard(0, 1))
    expect(keep.watchedOrders).toBe(orders)
    const before = process.memoryUsage().heapUsed
    await stage.clock.advance(1000)
    await emitAll(keep)
    expect(new Set(stage.emitted.map(({ jobId }) => jobId)).size).toBe(orders)
    expect(stage.emitted).toHaveLength(orders)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(600 * 1024 * 1024)
  })
})

describe('ownership', () => {
  test('a second scheduler takes over; the first is refused and drops the bucket', async () => {
    const order = await stage.place()
    const first = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(first.keep)
    const second = await stage.owner(stage.newShard(0))
    await first.keep.moveWatermarks()
    expect(first.keep.ownedBuckets).not.toContain(bucketOf(order.id))
    expect(await watermarkOf(order)).toBe(0)
    expect(second.keep.ownedBuckets).toContain(bucketOf(order.id))
  })

  test('one that slept emits nothing of a bucket that was taken meanwhile', async () => {
    const order = await stage.place()
    const slept = await stage.owner()
    const owner = await stage.owner(stage.newShard(0))
    await stage.request(order, { kind: 'cancel' })
    await owner.keep.rereadAll()
    await refundAll(owner.keep)
    await stage.clock.advance(60_000)
    await emitAll(slept.keep)
    expect(stage.reps(order)).toEqual([])
    expect((await stage.coins(order)).refundedCoins).toBe(3)
  })

  test('a bucket that came back with a newer hand-out is claimed anew, and an older hand-out does not take it', async () => {
    const order = await stage.place()
    const first = await stage.owner()
    const late = stage.newShard(0)
    await takeShard((await stage.owner(late)).keep, late)
    await takeShard(first.keep, stage.newShard(0))
    const outdated = await stage.owner(late)
    expect(outdated.keep.ownedBuckets).toEqual([])
    await first.keep.rereadAll()
    await stage.clock.advance(10_000)
    await emitAll(first.keep)
    expect(stage.reps(order)).toEqual([0])
  })

  test('a take-over that fails is finished by the next try, and loses no order', async () => {
    const orders = [await stage.place(), await stage.place(), await stage.place()]
    for (let calls = 0; calls < 60; calls++) {
      const { keep, fuse } = stage.scheduler()
      fuse.arm(calls, { done: calls % 2 === 0, lasting: false })
      await keep.assign(stage.newShard(0))
      await keep.takeOverSome().catch(() => undefined)
      fuse.disarm()
      while (await keep.takeOverSome());
      expect(keep.watchedOrders, `after call ${calls} failed`).toBe(orders.length)
    }
  })

  test('buckets of another shard are left, with their watermark', async () => {
    const order = await stage.place()
    const { keep } = await stage.owner()
    await stage.clock.advance(10_000)
    await emitAll(keep)
    await takeShard(keep, stage.newShard(1))
    expect(keep.ownedBuckets).not.toContain(bucketOf(order.id))
    expect(await watermarkOf(order)).toBe(stage.clock.now())
    const next = await stage.owner(stage.newShard(0))
    await emitAll(next.keep)
    // What has no result yet is emitted again all the same; the queue drops it.
    expect(stage.reps(order)).toEqual([0, 0])
    expect((await stage.queue.depth()).waiting).toBe(1)
  })

  test('a hand-out that is not newer is ignored', async () => {
    const { keep } = await stage.owner({ index: 0, count: SHARDS, epoch: 7 })
    const owned = keep.ownedBuckets
    await takeShard(keep, { index: 1, count: SHARDS, epoch: 7 })
    await takeShard(keep, { index: 1, count: SHARDS, epoch: 6 })
    expect(keep.ownedBuckets).toEqual(owned)
  })
})

describe('recovery', () => {
  test('changes whose reading failed are read again, and hold the watermark until then', async () => {
    const { keep, fuse } = await stage.owner()
    const order = await stage.place()
    for (let calls = 1; calls < 4; calls++) {
      await stage.request(order, { kind: 'pause' })
      fuse.arm(calls, { done: calls % 2 === 0, lasting: false })
      await keep.readChanges(bucketOf(order.id)).catch(() => undefined)
      fuse.disarm()
      await keep.readChanges(bucketOf(order.id))
      expect((await stage.entry(order)).state, `after call ${calls} failed`).toBe('paused')
      await stage.request(order, { kind: 'resume', now: stage.clock.now() })
      await keep.rereadAll()
    }
  })

  test('what a queue forgot is emitted again, what has a result is not', async () => {
    const order = await stage.place()
    const { keep } = await stage.owner()
    await stage.clock.advance(20_000)
    await emitAll(keep)
    await stage.mine(1)
    stage.loseQueue()
    await keep.checkQueue()
    await keep.checkQueue()
    expect(stage.reps(order)).toEqual([0, 1, 1])
  })

  test('jobs emitted before a crash that took the queue along are emitted again', async () => {
    await stage.place()
    const { keep } = await stage.owner()
    await stage.clock.advance(20_000)
    await emitAll(keep)
    await keep.moveWatermarks()
    stage.loseQueue()
    await stage.owner(stage.newShard(0))
    expect((await stage.queue.depth()).waiting).toBe(2)
  })

  test('what is too old for its patience is given up, unless the queue still works on it', async () => {
    const order = await stage.place({ patienceMs: 1000, catchUp: 'all', repetitions: 2 })
    await stage.clock.advance(300_000)
    await emitAll((await stage.owner()).keep)
    await stage.owner(stage.newShard(0))
    expect(stage.gaveUp).toEqual([])
    stage.loseQueue()
    await stage.owner(stage.newShard(0))
    expect(stage.gaveUp.map(({ outcome }) => outcome)).toMatchObject([
      { reason: 'patience_over' },
      { reason: 'patience_over' },
    ])
    expect((await stage.coins(order)).refundedCoins).toBe(2)
  })

  test.each<[CatchUp, number[], number[]]>([
    ['latest', [0, 1], [2]],
    ['all', [], [0, 1, 2]],
    ['none', [0, 1, 2], []],
  ])('after downtime the rule %s refunds %j and runs %j', async (catchUp, skipped, run) => {
    const order = await stage.place({
      catchUp,
      repetitions: 4,
      schedule: { kind: 'interval', startAt: stage.clock.now() + 1000, intervalMs: 200_000 },
    })
    await stage.clock.advance(401_000 + CATCH_UP_GRACE_MS + 1)
    const { keep } = await stage.owner()
    await emitAll(keep)
    expect(stage.reps(order)).toEqual(run)
    expect(stage.gaveUp.map(({ rep }) => rep)).toEqual(skipped)
    expect((await stage.coins(order)).refundedCoins).toBe(skipped.length)
  })

  test('what is to be given up keeps its watermark back, and a crash does not turn it into a job', async () => {
    const order = await stage.place({ catchUp: 'none', repetitions: 3, patienceMs: 600_000 })
    const other = await stage.place({
      repetitions: 1,
      schedule: { kind: 'once', startAt: stage.clock.now() + 300_000 },
    })
    await stage.clock.advance(300_000)
    const resume = stage.stallResults()
    const first = stage.scheduler()
    await first.keep.assign(stage.newShard(0))
    while (await first.keep.takeOverSome());
    while (await first.keep.emitDue());
    void giveUpAll(first.keep)
    await stage.clock.advance(10_000)
    await first.keep.moveWatermarks()
    await first.keep.rereadAll()
    expect([stage.reps(order), stage.reps(other)]).toEqual([[], [0]])
    expect(await watermarkOf(order)).toBe(0)
    expect((await stage.entry(order)).state).toBe('active')
    const second = stage.scheduler()
    await second.keep.assign(stage.newShard(0))
    while (await second.keep.takeOverSome());
    while (await second.keep.emitDue());
    resume()
    await giveUpAll(second.keep)
    expect(stage.reps(order)).toEqual([])
    expect((await stage.coins(order)).refundedCoins).toBe(3)
    await second.keep.rereadAll()
    await finishAll(second.keep)
    await second.keep.moveWatermarks()
    expect((await stage.entry(order)).state).toBe('finished')
    expect(await watermarkOf(order)).toBe(stage.clock.now())
    expect(await stage.engines.ledger.audit()).toEqual([])
  })

  test('what is to be given up is not emitted when the queue loses its memory meanwhile', async () => {
    const order = await stage.place({ catchUp: 'none', repetitions: 3, patienceMs: 600_000 })
    await stage.clock.advance(300_000)
    const { keep } = stage.scheduler()
    await keep.assign(stage.newShard(0))
    while (await keep.takeOverSome());
    while (await keep.emitDue());
    expect(keep.giveUpsWaiting).toBe(true)
    stage.loseQueue()
    await keep.checkQueue()
    expect(stage.reps(order)).toEqual([])
    await giveUpAll(keep)
    expect(stage.gaveUp.map(({ rep }) => rep)).toEqual([0, 1, 2])
  })

  test('more than one batch of repetitions is given up, each once', async () => {
    const order = await stage.place({
      catchUp: 'latest',
      repetitions: 1_300,
      schedule: { kind: 'interval', startAt: stage.clock.now() + 1000, intervalMs: 1000 },
    })
    await stage.clock.advance(5_000_000)
    await emitAll((await stage.owner()).keep)
    expect(stage.reps(order)).toEqual([1_299])
    expect(stage.gaveUp.map(({ rep }) => rep)).toEqual(Array.from({ length: 1_299 }, (_, rep) => rep))
    expect((await stage.coins(order)).refundedCoins).toBe(1_299)
  })

  test('lateness counts from due to queued, once a job; what is emitted again is counted apart', async () => {
    await stage.place({ repetitions: 2 })
    const { keep } = await stage.owner()
    await stage.clock.advance(10_250)
    await emitAll(keep)
    stage.loseQueue()
    await keep.checkQueue()
    await keep.moveWatermarks()
    await stage.owner(stage.newShard(0))
    expect(stage.measured).toEqual({ latenessMs: [250], reEmitted: 2, gaveUp: 0 })
  })

  test('an order paused over a downtime owes nothing of that time', async () => {
    const order = await stage.place({ catchUp: 'all', repetitions: 10 })
    const { keep } = await stage.owner()
    await stage.request(order, { kind: 'pause' })
    await keep.rereadAll()
    await stage.clock.advance(500_000)
    const next = await stage.owner(stage.newShard(0))
    await stage.request(order, { kind: 'resume', now: stage.clock.now() })
    await next.keep.rereadAll()
    await emitAll(next.keep)
    expect([...stage.dealtWith(order)]).toEqual([0])
    await stage.clock.advance(10_000)
    await emitAll(next.keep)
    expect([...stage.dealtWith(order)]).toEqual([0, 1])
  })
})
