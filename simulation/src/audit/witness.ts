import type { ResultMessage } from '@quarry/contracts'
import {
  bucketOf,
  cancelRefundOf,
  jobIdOf,
  parseJobId,
  sameTransfer,
  settlementOf,
  type Bucket,
  type Instant,
  type Job,
  type JobId,
  type OrderId,
  type RunResult,
  type Transfer,
  type TransferOutcome,
} from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import type { BucketHold, LedgerStore, ResultStore, ScheduleStore } from '@quarry/storage-port'
import type { Observer } from '../engines/observed.ts'
import type { BusObserver } from '../engines/sim-bus.ts'
import type { World } from '../kernel/world.ts'
import { TrackedOrder } from './tracked-order.ts'
import type { Violation } from './violation.ts'

/**
 * Sees every call that reaches an engine, and objects at the moment when a promise is broken: it knows what was emitted
 * when the watermark moves, what was refunded when a job is emitted, what was stored when coins move.
 */
export class Witness {
  readonly orders = new Map<OrderId, TrackedOrder>()
  readonly runs = new Map<JobId, RunResult>()
  /** Emitted or given up, without a run yet. */
  readonly unsettled = new Map<JobId, Instant>()
  readonly latenessMs: number[] = []
  readonly counts = { emitted: 0, repeatedEmissions: 0, repeatedResults: 0, raced: 0, claims: 0, refusedEpochs: 0 }
  readonly #world: World
  readonly #clocksMs: number
  readonly #object: (violation: Violation) => void
  readonly #epochs = new Map<Bucket, number>()
  readonly #horizons = new Map<Bucket, Instant>()
  readonly #ordersOf = new Map<Bucket, TrackedOrder[]>()
  readonly #posted = new Set<string>()
  #objections = 0

  /** `clocksMs`: by so much, and a little more, may the clocks of two processes differ. */
  constructor(world: World, clocksMs: number, object: (violation: Violation) => void) {
    this.#world = world
    this.#clocksMs = clocksMs
    this.#object = object
  }

  readonly schedule: Observer<ScheduleStore> = {
    activate: (_, entry) => {
      if (this.orders.has(entry.order.id)) return
      const tracked = new TrackedOrder(entry, this.#world.now)
      const bucket = bucketOf(entry.order.id)
      this.orders.set(entry.order.id, tracked)
      this.#ordersOf.set(bucket, [...(this.#ordersOf.get(bucket) ?? []), tracked])
    },
    request: ([orderId, request], answer) => {
      const tracked = this.orders.get(orderId)
      if (!answer.ok || !tracked) return
      if (request.kind === 'cancel' || request.kind === 'pause') {
        const running = tracked.entry.state === 'active'
        if (running) tracked.owedWhenAsked = tracked.dueBy(Math.min(this.#world.now, this.#now) - this.#clocksMs)
      } else tracked.movedAt = this.#world.now
      tracked.entry = answer.value
    },
    claim: ([bucket], answer) => {
      this.counts.claims++
      if (answer.ok) this.#epochs.set(bucket, answer.value.epoch)
    },
    answer: ([hold, orderId, said], answer) => {
      const tracked = this.orders.get(orderId)
      if (!answer.ok) {
        if (answer.error.kind === 'epoch-conflict') this.counts.refusedEpochs++
        return
      }
      this.#checkEpoch(hold, `answer ${said.kind}`)
      if (!tracked) return
      tracked.entry = answer.value
      if (said.kind === 'brought-forward') tracked.movedAt = this.#world.now
      if (said.kind === 'stopped') this.#checkStop(tracked, said.firstSkipped)
    },
    extend: ([hold, horizon], answer) => {
      if (!answer.ok) {
        this.counts.refusedEpochs++
        return
      }
      this.#checkEpoch(hold, 'extend')
      this.#horizons.set(hold.bucket, Math.max(horizon, this.#horizons.get(hold.bucket) ?? 0))
    },
    advance: ([hold, watermark], answer) => {
      if (answer.ok) {
        this.#checkEpoch(hold, 'advance')
        this.#checkWatermark(hold.bucket, watermark)
      } else if (answer.error.kind === 'epoch-conflict') this.counts.refusedEpochs++
    },
  }

  readonly queue: Observer<JobQueue> = {
    enqueue: ([jobs], verdicts) => {
      jobs.forEach((job, index) => this.#emitted(job, verdicts[index] === 'queued'))
    },
  }

  readonly bus: BusObserver = {
    results: (messages) => {
      for (const message of messages) if (isGivenUp(message)) this.#dealtWith(message.run, 'given up')
    },
    settlements: () => undefined,
  }

  readonly results: Observer<ResultStore> = {
    store: ([incoming], outcomes) => {
      incoming.forEach(({ run }, index) => this.#stored(run, outcomes[index]!))
    },
  }

  readonly ledger: Observer<LedgerStore> = {
    apply: ([transfers], outcomes) => {
      transfers.forEach((transfer, index) => this.#moved(transfer, outcomes[index]!))
    },
  }

  /** The rules of a calm moment: nothing waits anywhere, so nothing may be missing. Returns whether that is so. */
  checkCalm(): boolean {
    const before = this.#objections
    for (const [jobId, at] of this.unsettled)
      this.#broken(
        'every emitted repetition gets a run',
        jobId,
        `emitted ${this.#ago(at)}, and nothing works on it any more`,
      )
    for (const tracked of this.orders.values()) {
      const missed = tracked.missedBy(this.#world.now - 30_000 - this.#clocksMs)
      if (missed !== undefined)
        this.#broken(
          'every due repetition is emitted',
          jobIdOf(tracked.order.id, missed),
          `due ${this.#ago(tracked.dueAt(missed))}`,
        )
      const { state, runNow } = tracked.entry
      if (state === 'pausing' || state === 'cancelling' || runNow > 0)
        this.#broken('every wish is answered', tracked.order.id, `it is ${state} with ${runNow} run-now wishes`)
    }
    return this.#objections === before
  }

  #emitted(job: Job, queued: boolean): void {
    this.counts.emitted++
    if (!queued || this.runs.has(job.jobId)) this.counts.repeatedEmissions++
    if (job.dueAt > this.#world.now + this.#clocksMs)
      this.#broken('nothing is emitted early', job.jobId, `due in ${job.dueAt - this.#world.now} ms`)
    const horizon = this.#horizons.get(bucketOf(job.orderId)) ?? 0
    if (job.dueAt > horizon)
      this.#broken('nothing is emitted beyond the horizon', job.jobId, `due ${job.dueAt - horizon} ms after it`)
    this.#dealtWith(job, 'emitted')
  }

  #dealtWith({ jobId, orderId, rep }: Pick<Job, 'jobId' | 'orderId' | 'rep'>, how: string): void {
    const tracked = this.orders.get(orderId)
    if (!tracked) return this.#broken('only placed orders run', jobId, `${how}, but the order was never activated`)
    const { firstSkipped } = tracked
    if (firstSkipped !== undefined && rep >= firstSkipped)
      this.#broken(
        'nothing is emitted after a stop was answered',
        jobId,
        `${how}, though the order is ${tracked.entry.state} from repetition ${firstSkipped} on`,
      )
    tracked.dealWith(rep)
    if (!this.runs.has(jobId) && !this.unsettled.has(jobId)) this.unsettled.set(jobId, this.#world.now)
  }

  #checkStop(tracked: TrackedOrder, firstSkipped: number): void {
    const { id } = tracked.order
    if (tracked.highest >= firstSkipped)
      this.#broken(
        'nothing is emitted and refunded',
        jobIdOf(id, tracked.highest),
        `the owner stopped at repetition ${firstSkipped}, but it was emitted`,
      )
    if (firstSkipped < tracked.owedWhenAsked)
      this.#broken(
        'what was due before a stop is delivered',
        jobIdOf(id, firstSkipped),
        `it was due when the stop was asked for`,
      )
  }

  #checkEpoch({ bucket, epoch }: BucketHold, what: string): void {
    const latest = this.#epochs.get(bucket)
    if (epoch !== latest)
      this.#broken(
        'a stale owner is refused',
        `bucket ${bucket}`,
        `${what} under epoch ${epoch} was accepted, the latest is ${latest}`,
      )
  }

  #checkWatermark(bucket: Bucket, watermark: Instant): void {
    for (const tracked of this.#ordersOf.get(bucket) ?? []) {
      const missed = tracked.missedBy(watermark)
      if (missed === undefined || tracked.dueAt(missed) <= tracked.movedAt + this.#clocksMs) continue
      this.#broken(
        'a watermark says what was emitted',
        jobIdOf(tracked.order.id, missed),
        `the watermark of its bucket passed its due time, but it was never emitted`,
      )
    }
  }

  #stored(run: RunResult, outcome: { kind: 'stored' | 'known'; run: RunResult }): void {
    const { jobId } = run
    const known = this.runs.get(jobId)
    if (outcome.kind === 'stored') {
      if (known) return this.#broken('a result is stored once', jobId, 'a second one was stored')
      this.runs.set(jobId, run)
      this.unsettled.delete(jobId)
      if (run.outcome.kind === 'page') this.latenessMs.push(this.#world.now - run.dueAt)
      if (!this.orders.get(run.orderId)?.wasDealtWith(run.rep))
        this.#broken('only emitted repetitions run', jobId, 'it was never emitted')
      return
    }
    this.counts.repeatedResults++
    if (known?.miner?.deviceId !== run.miner?.deviceId) this.counts.raced++
    if (!known || outcome.run.miner?.userId !== known.miner?.userId || outcome.run.outcome.kind !== known.outcome.kind)
      this.#broken('the first stored result counts', jobId, 'the store tells of another')
  }

  #moved(transfer: Transfer, outcome: TransferOutcome): void {
    const { id } = transfer
    const expected = this.#expected(transfer)
    if (expected === 'free') return
    if (expected === undefined)
      return this.#broken(
        'coins move for a stored reason',
        id,
        `${transfer.amountCoins} coins for ${transfer.credit}, and nothing that was stored says so`,
      )
    if (!sameTransfer(expected, transfer))
      return this.#broken(
        'coins follow what was stored',
        id,
        `to ${transfer.credit} (${transfer.amountCoins}), expected ${expected.credit} (${expected.amountCoins})`,
      )
    if (outcome.kind !== 'posted')
      return this.#broken('the ledger takes every settlement', id, `it says ${outcome.kind}`)
    if (!outcome.repeated && this.#posted.has(id)) this.#broken('each id settles once', id, 'it was posted twice')
    this.#posted.add(id)
  }

  #expected(transfer: Transfer): Transfer | 'free' | undefined {
    const { id } = transfer
    if (transfer.kind === 'mint' || transfer.kind === 'escrow') return 'free'
    const job = parseJobId(id)
    if (job) {
      const run = this.runs.get(jobIdOf(job.orderId, job.rep))
      return run && settlementOf(run)
    }
    const tracked = id.endsWith(':cancel') ? this.orders.get(id.slice(0, -':cancel'.length)) : undefined
    const { firstSkipped, state } = tracked?.entry ?? {}
    const cancelled = state === 'cancelling' || state === 'cancelled'
    return tracked && cancelled && firstSkipped !== undefined
      ? cancelRefundOf(tracked.order, firstSkipped, transfer.at)
      : undefined
  }

  get #now(): Instant {
    return this.#world.now
  }

  #ago(at: Instant): string {
    return `${Math.round((this.#world.now - at) / 1000)} s ago`
  }

  #broken(promise: string, subject: string, detail: string): void {
    this.#objections++
    this.#object({ promise, subject, detail })
  }
}

/** A scheduler published it, instead of emitting a job. */
function isGivenUp({ run }: ResultMessage): boolean {
  return run.attempt === 0
}
