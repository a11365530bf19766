import type { ResultMessage } from '@quarry/contracts'
import {
  bucketOf,
  bucketsOf,
  escrowOf,
  mintAccount,
  newEntry,
  settlementOf,
  Unavailable,
  userAccount,
  type Clock,
  type EntryRequest,
  type Job,
  type Order,
  type OrderId,
  type RunResult,
  type Shard,
} from '@quarry/domain'
import { MemoryJobQueue } from '@quarry/messaging-memory'
import type { JobQueue } from '@quarry/messaging-port'
import { anOrder, aRun, Fuse, openTestEngines } from '@quarry/testkit'
import type { KernelConfig } from '@quarry/service-kit'
import type { EmissionMeter } from '../src/application/emission-meter.ts'
import { KeepSchedule, type KeepScheduleDeps } from '../src/application/keep-schedule.ts'
import { keepScheduleDeps } from '../src/scheduler.module.ts'

const RANDOM = { next: () => 0.5 }
/** So many shards that each is a few buckets: taking one over is quick. */
export const SHARDS = 128

/** One scheduler process: its state machine, and the fuse in every port it uses. */
export interface SchedulerProcess {
  readonly name: string
  readonly fuse: Fuse
  readonly keep: KeepSchedule
}

/** A marketplace around schedulers, on a standing clock: stores, a queue, a ledger, and miners that work when told to. */
export class SchedulerStage {
  readonly engines = openTestEngines()
  readonly clock = this.engines.clock
  readonly #queues: MemoryJobQueue[] = []
  /** Every job that was ever given to a queue, and every failure that was published, in order. */
  readonly emitted: Job[] = []
  readonly gaveUp: RunResult[] = []
  readonly orders: Order[] = []
  /** Hears of every job that the queue took as new. */
  onQueued: (job: Job) => void = () => undefined
  /** Every call to the queue fails. */
  queueIsDown = false
  /** What the schedulers measured. */
  readonly measured = { latenessMs: [] as number[], reEmitted: 0, gaveUp: 0 }
  readonly meter: EmissionMeter = {
    emitted: (latenessMs) => this.measured.latenessMs.push(latenessMs),
    reEmitted: ({ queued, known }) => (this.measured.reEmitted += queued + known),
    gaveUp: (reps) => (this.measured.gaveUp += reps),
  }
  #resultsFlow: Promise<void> = Promise.resolve()
  #processes = 0
  #epoch = 0
  #orderNo = 0

  constructor() {
    this.loseQueue()
  }

  async open(): Promise<void> {
    const limits = { maxMessages: 1000, maxWaitMs: 0, maxBatches: 1 }
    await this.engines.bus.results.consume(limits, async (batch) => {
      await this.#resultsFlow
      await this.#store(batch)
    })
    await this.engines.bus.settlements.consume(limits, async (batch) => {
      await this.engines.ledger.apply(batch.map(({ transfer }) => transfer))
    })
  }

  close(): Promise<void> {
    return this.engines.close()
  }

  get queue(): MemoryJobQueue {
    return this.#queues.at(-1)!
  }

  /** The queue forgets everything, as Redis may; its identity tells. */
  loseQueue(): void {
    this.#queues.push(new MemoryJobQueue(this.clock))
  }

  newShard(index: number, count = SHARDS): Shard {
    return { index, count, epoch: ++this.#epoch }
  }

  /** From now on results are taken and not confirmed, until the returned function is called. */
  stallResults(): () => void {
    let resume = () => undefined as void
    this.#resultsFlow = new Promise((resolve) => (resume = resolve))
    return resume
  }

  /** A process that just started; it owns nothing yet. Its clock is ahead of everybody's by so much. */
  scheduler({ aheadMs = 0 } = {}): SchedulerProcess {
    const name = `scheduler-${this.#processes++}`
    const fuse = new Fuse()
    const clock: Clock = {
      now: () => this.clock.now() + aheadMs,
      after: (delayMs, action) => this.clock.after(delayMs, action),
    }
    return {
      name,
      fuse,
      keep: new KeepSchedule(this.deps(name, { guard: (port) => fuse.guard(port), clock: () => clock })),
    }
  }

  /** What a scheduler works with; `between` stands between it and every port and the clock. */
  deps(name: string, between: { guard<T extends object>(port: T): T; clock(clock: Clock): Clock }): KeepScheduleDeps {
    const { schedule, results, bus, live } = this.engines
    return keepScheduleDeps(
      between.guard(schedule),
      results,
      between.guard(this.#recordingQueue()),
      { results: between.guard(bus.results), settlements: between.guard(bus.settlements) },
      live,
      between.clock(this.clock),
      RANDOM,
      { hostGaps: { gapMs: () => 0 } } as unknown as KernelConfig,
      { schedulerId: name, instance: 'test' },
      this.meter,
    )
  }

  /** A scheduler that owns the shard. */
  async owner(shard = this.newShard(0), options?: { aheadMs: number }): Promise<SchedulerProcess> {
    const scheduler = this.scheduler(options)
    await takeShard(scheduler.keep, shard)
    return scheduler
  }

  /** An order of one of shard `index`'s buckets, paid and activated. */
  async place(fields: Partial<Order> = {}, index = 0): Promise<Order> {
    const now = this.clock.now()
    const order = anOrder({
      id: this.#idIn(index),
      schedule: { kind: 'interval', startAt: now + 10_000, intervalMs: 10_000 },
      createdAt: now,
      ...fields,
    })
    const coins = order.repetitions * order.priceCoins
    const mint = {
      id: `mint:${order.id}`,
      kind: 'mint' as const,
      amountCoins: coins,
      at: now,
      debit: mintAccount(order.customerId),
      credit: userAccount(order.customerId),
    }
    await this.engines.ledger.apply([mint, escrowOf(order)])
    await this.engines.schedule.activate(newEntry(order), now)
    this.orders.push(order)
    return order
  }

  async request(order: Order, request: EntryRequest): Promise<boolean> {
    return (await this.engines.schedule.request(order.id, request)).ok
  }

  async entry(order: Order) {
    return (await this.engines.schedule.find(order.id))!
  }

  coins(order: Order) {
    return this.engines.ledger.orderCoins(order.id)
  }

  /** Repetitions of an order emitted so far, in order of emission, repeats included. */
  reps({ id }: Order): number[] {
    return this.emitted.filter(({ orderId }) => orderId === id).map(({ rep }) => rep)
  }

  /** Repetitions emitted or given up so far. */
  dealtWith(order: Order): Set<number> {
    const gaveUp = this.gaveUp.filter(({ orderId }) => orderId === order.id).map(({ rep }) => rep)
    return new Set([...this.reps(order), ...gaveUp])
  }

  /** Miners finish up to `max` jobs: each page is stored, settled and acknowledged. */
  async mine(max = 1000): Promise<number> {
    const { leases } = await this.queue.claim({ server: 'miner', max, leaseMs: 60_000 })
    await this.#store(leases.map(({ job }) => ({ v: 1, run: runOf(job) })))
    await this.queue.ack(leases.map(({ token }) => ({ token })))
    return leases.length
  }

  /** What a mining-server does with jobs that nobody can finish. */
  async reap(): Promise<void> {
    const dead = await this.queue.reap({ server: 'reaper', max: 1000, leaseMs: 60_000 })
    await this.#store(dead.map(({ job }) => ({ v: 1, run: failureOf(job) })))
    await this.queue.ack(dead.map(({ token }) => ({ token })))
  }

  async #store(batch: readonly ResultMessage[]): Promise<void> {
    if (batch.length === 0) return
    for (const { run } of batch) if (run.attempt === 0) this.gaveUp.push(run)
    const stored = await this.engines.results.store(
      batch.map(({ run }) => ({ run })),
      this.clock.now(),
    )
    await this.engines.ledger.apply(stored.map(({ run }) => settlementOf(run)))
  }

  #recordingQueue(): JobQueue {
    return new Proxy({} as JobQueue, {
      get:
        (_, key: keyof JobQueue) =>
        (...args: never[]) => {
          if (this.queueIsDown) return Promise.reject(new Unavailable('the queue is down'))
          if (key === 'enqueue') return this.#enqueue(...(args as unknown as [readonly Job[]]))
          return (this.queue[key] as (...args: never[]) => unknown).apply(this.queue, args)
        },
    })
  }

  async #enqueue(jobs: readonly Job[]): Promise<readonly ('queued' | 'known')[]> {
    this.emitted.push(...jobs)
    const verdicts = await this.queue.enqueue(jobs)
    for (const [index, job] of jobs.entries()) if (verdicts[index] === 'queued') this.onQueued(job)
    return verdicts
  }

  #idIn(index: number): OrderId {
    const buckets = new Set(bucketsOf({ index, count: SHARDS }))
    for (;;) {
      const id = `order-${this.#orderNo++}`
      if (buckets.has(bucketOf(id))) return id
    }
  }
}

/** Takes a shard over to the end, as `RunScheduler` does step by step. */
export async function takeShard(keep: KeepSchedule, shard: Shard): Promise<void> {
  await keep.assign(shard)
  while (await keep.takeOverSome());
  await giveUpAll(keep)
  await finishAll(keep)
}

/** Everything that is due by now. */
export async function emitAll(keep: KeepSchedule): Promise<void> {
  while (await keep.emitDue());
  await giveUpAll(keep)
  await finishAll(keep)
}

/** Says of every order that ended that it did. */
export async function finishAll(keep: KeepSchedule): Promise<void> {
  while (await keep.finishSome());
}

/** Everything that waits to be given up. */
export async function giveUpAll(keep: KeepSchedule): Promise<void> {
  while (keep.giveUpsWaiting) await keep.publishGiveUps()
}

export async function refundAll(keep: KeepSchedule): Promise<void> {
  while (keep.refundsWaiting) await keep.confirmRefunds(await keep.publishRefunds())
}

/** Hears what customers asked, and does all that is to be done about it. */
export async function answerAll(keep: KeepSchedule): Promise<void> {
  await keep.rereadAll()
  await emitAll(keep)
  await refundAll(keep)
}

function runOf(job: Job): RunResult {
  return aRun({ ...pick(job), outcome: { ...aRun().outcome } })
}

function failureOf(job: Job): RunResult {
  const run = aRun({ ...pick(job), attempt: 3 })
  return { ...run, outcome: { kind: 'failure', reason: 'patience_over', fault: 'platform', detail: 'patience' } }
}

function pick({ jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent }: Job) {
  return { jobId, orderId, rep, customerId, url, priceCoins, dueAt, traceparent }
}
