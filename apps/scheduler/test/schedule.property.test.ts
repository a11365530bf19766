import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, firstRepAfter, planOf, type CatchUp, type Order } from '@quarry/domain'
import { Blown } from '@quarry/testkit'
import { emitAll, refundAll, SchedulerStage, SHARDS, takeShard, type SchedulerProcess } from './scheduler-stage.ts'

/** Two places for schedulers, each running one process after another; and the news that reached each of them. */
type Place = 0 | 1

type KeepStep = keyof typeof keepSteps

type Step =
  | { do: 'place'; shard: number; startInMs: number; intervalMs: number; repetitions: number; catchUp: CatchUp }
  | { do: 'ask'; order: number; what: 'pause' | 'resume' | 'cancel' | 'run-now' }
  | { do: 'keep'; at: Place; what: KeepStep }
  | { do: 'handOut'; swap: boolean; hearing: readonly boolean[] }
  | { do: 'break'; at: Place; what: KeepStep; calls: number; done: boolean; lasting: boolean }
  | { do: 'restart'; at: Place; withQueue: boolean }
  | { do: 'loseQueue' }
  | { do: 'mine'; max: number }
  | { do: 'wait'; ms: number }
  | { do: 'stepClock'; ms: number }

const place = fc.constantFrom<Place>(0, 1)
const keepStep = fc.constantFrom<KeepStep>(
  'emit',
  'emit',
  'emit',
  'watermarks',
  'reread',
  'reread',
  'queue',
  'giveUp',
  'finish',
  'close',
  'takeOver',
  'takeOver',
  'refund',
  'refundUnconfirmed',
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      shard: fc.constantFrom(0, 1),
      startInMs: fc.integer({ min: -5_000, max: 20_000 }),
      intervalMs: fc.constantFrom(1_000, 7_000, 60_000),
      repetitions: fc.integer({ min: 1, max: 6 }),
      catchUp: fc.constantFrom<CatchUp>('latest', 'all', 'none'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      order: fc.nat(9),
      what: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'run-now' as const),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('keep' as const),
      at: place,
      what: keepStep,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('handOut' as const),
      swap: fc.boolean(),
      hearing: fc.tuple(fc.boolean(), fc.boolean()),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      at: place,
      what: keepStep,
      calls: fc.oneof(fc.nat(3), fc.nat(40)),
      done: fc.boolean(),
      lasting: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), at: place, withQueue: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'loseQueue' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mine' as const), max: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 900, 3_000, 15_000, 400_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('stepClock' as const),
      ms: fc.constantFrom(-20_000, -1_500, 1_500, 20_000),
    }),
  },
)

/** A run of the marketplace as fast-check made it up, and its quiet end. */
class RandomRun {
  readonly stage = new SchedulerStage()
  readonly #running: SchedulerProcess[] = []
  #handedOut = [this.stage.newShard(0), this.stage.newShard(1)]

  async start(): Promise<void> {
    await this.stage.open()
    for (const at of [0, 1] as const) await this.#restart(at)
  }

  async take(step: Step): Promise<void> {
    const { stage } = this
    switch (step.do) {
      case 'place': {
        const startAt = stage.clock.now() + step.startInMs
        const { intervalMs, repetitions, catchUp } = step
        await stage.place(
          { schedule: { kind: 'interval', startAt, intervalMs }, repetitions, catchUp, priceCoins: 2 },
          step.shard,
        )
        return
      }
      case 'ask': {
        const order = stage.orders[step.order]
        if (order)
          await stage.request(
            order,
            step.what === 'resume' ? { kind: 'resume', now: stage.clock.now() } : { kind: step.what },
          )
        return
      }
      case 'keep':
        return this.#tolerating(step.at, (keep) => keepSteps[step.what](keep))
      case 'handOut': {
        const { epoch } = stage.newShard(0)
        this.#handedOut = [0, 1].map((index) => ({ index: step.swap ? 1 - index : index, count: SHARDS, epoch }))
        for (const at of [0, 1] as const)
          if (step.hearing[at]) await this.#tolerating(at, (keep) => keep.assign(this.#handedOut[at]!))
        return
      }
      case 'break':
        this.#running[step.at]!.fuse.arm(step.calls, step)
        return this.#tolerating(step.at, (keep) => keepSteps[step.what](keep))
      case 'restart':
        if (step.withQueue) stage.loseQueue()
        return this.#restart(step.at)
      case 'loseQueue':
        return stage.loseQueue()
      case 'mine':
        await stage.mine(step.max)
        return
      case 'wait':
        return stage.clock.advance(step.ms)
      case 'stepClock':
        return stage.clock.stepWall(step.ms)
    }
  }

  /** No more trouble; whoever paused resumes, and everything comes to its end. */
  async end(): Promise<void> {
    const { stage } = this
    await this.take({ do: 'handOut', swap: false, hearing: [false, false] })
    for (const at of [0, 1] as const) {
      const process = this.#running[at]!
      if (process.fuse.blown) await this.#restart(at)
      process.fuse.disarm()
      await takeShard(this.#running[at]!.keep, this.#handedOut[at]!)
    }
    for (let round = 0; round < 12; round++) {
      for (const order of stage.orders) await stage.request(order, { kind: 'resume', now: stage.clock.now() })
      for (const { keep } of this.#running) {
        await keep.checkQueue()
        await keep.rereadAll()
        while (await keep.takeOverSome());
        await emitAll(keep)
        await refundAll(keep)
        await keep.moveWatermarks()
      }
      while ((await stage.mine()) > 0);
      await stage.reap()
      for (const { keep } of this.#running) await keep.closeSettled()
      await stage.clock.advance(90_000)
    }
  }

  async #restart(at: Place): Promise<void> {
    const process = this.stage.scheduler()
    this.#running[at] = process
    await takeShard(process.keep, this.#handedOut[at]!)
  }

  async #tolerating(at: Place, action: (keep: SchedulerProcess['keep']) => Promise<unknown>): Promise<void> {
    try {
      await action(this.#running[at]!.keep)
    } catch (error) {
      if (!(error instanceof Blown)) throw error
      if (this.#running[at]!.fuse.blown) await this.#restart(at)
    }
  }
}

const keepSteps = {
  emit: (keep) => keep.emitDue(),
  watermarks: (keep) => keep.moveWatermarks(),
  reread: (keep) => keep.rereadAll(),
  queue: (keep) => keep.checkQueue(),
  close: (keep) => keep.closeSettled(),
  takeOver: (keep) => keep.takeOverSome(),
  refund: async (keep) => keep.confirmRefunds(await keep.publishRefunds()),
  finish: (keep) => keep.finishSome(),
  giveUp: (keep) => keep.publishGiveUps(),
  refundUnconfirmed: (keep) => keep.publishRefunds(),
} satisfies Record<string, (keep: SchedulerProcess['keep']) => Promise<unknown>>

/** With the clock set back, a "run now" or a resume lies below the watermark; that it is emitted all the same shows at the end. */
function setsClockBack(step: Step): boolean {
  return step.do === 'stepClock' && step.ms < 0
}

/** What a watermark says was emitted, was. */
async function expectWatermarksTrue(stage: SchedulerStage): Promise<void> {
  for (const order of stage.orders) {
    const entry = await stage.entry(order)
    const { watermark } = await stage.engines.schedule.bucket(bucketOf(order.id))
    if (entry.state !== 'active') continue
    const dealtWith = stage.dealtWith(order)
    const below = firstRepAfter(planOf(entry), watermark)
    const missing = Array.from({ length: below }, (_, rep) => rep).filter((rep) => !dealtWith.has(rep))
    expect(missing, `${order.id} below its watermark, never emitted`).toEqual([])
  }
}

async function expectSettled(stage: SchedulerStage, order: Order): Promise<void> {
  const { state, closed, firstSkipped } = await stage.entry(order)
  const end = firstSkipped ?? order.repetitions
  expect({ state, closed }, order.id).toEqual({
    state: firstSkipped === undefined ? 'finished' : 'cancelled',
    closed: true,
  })
  const coins = await stage.coins(order)
  expect(coins.paidOutCoins + coins.refundedCoins, `coins of ${order.id}`).toBe(coins.paidInCoins)
  const dealtWith = stage.dealtWith(order)
  expect(
    [...dealtWith].sort((a, b) => a - b),
    `repetitions of ${order.id}`,
  ).toEqual(Array.from({ length: end }, (_, rep) => rep))
  const { items } = await stage.engines.results.runsOf(order.id, { limit: 200 })
  expect(items.map(({ rep }) => rep).reverse(), `runs of ${order.id}`).toEqual([...dealtWith].sort((a, b) => a - b))
}

test(
  'whatever dies, every due repetition is emitted or given up once, and every coin comes back or is paid',
  { timeout: 240_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70, size: 'max' }), async (steps) => {
        const run = new RandomRun()
        try {
          await run.start()
          for (const one of steps) {
            await run.take(one)
            if (!steps.some(setsClockBack)) await expectWatermarksTrue(run.stage)
          }
          await run.end()
          expect(await run.stage.engines.ledger.audit()).toEqual([])
          for (const order of run.stage.orders) await expectSettled(run.stage, order)
        } finally {
          await run.stage.close()
        }
      }),
      { numRuns: Number(process.env.QUARRY_PROPERTY_RUNS ?? 300), verbose: fc.VerbosityLevel.Verbose },
    )
  },
)
