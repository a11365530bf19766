import type { ResultMessage } from '@quarry/contracts'
import {
  failureRules,
  jobIdOf,
  jobOf,
  newTraceparent,
  type Clock,
  type Due,
  type FailureReason,
  type Job,
  type Order,
  type Random,
  type RunResult,
} from '@quarry/domain'
import type { JobQueue, ResultBus } from '@quarry/messaging-port'
import type { EmissionMeter } from './emission-meter.ts'

/** How the politeness gap of a host is found. */
export interface GapRules {
  gapMs(host: string): number
}

/** One repetition that is to be emitted or given up. */
export interface OrderDue extends Due {
  readonly order: Order
}

const BATCH = 500

/** Why a repetition is settled without an attempt. */
export type GiveUpReason = 'missed' | 'patience_over'

const details: Partial<Record<FailureReason, string>> = {
  missed: "The repetition fell due while the scheduler was down, and the order's catch-up rule skips it.",
  patience_over: "The repetition could not be finished within the order's patience.",
}

/**
 * Turns repetitions into jobs, or into failures when they are not to be run any more. Ids are deterministic: emitting
 * again what was emitted before changes nothing.
 */
export class EmitJobs {
  readonly #queue: JobQueue
  readonly #bus: ResultBus
  readonly #clock: Clock
  readonly #random: Random
  readonly #gaps: GapRules
  readonly #meter: EmissionMeter

  constructor(deps: {
    queue: JobQueue
    bus: ResultBus
    clock: Clock
    random: Random
    gaps: GapRules
    meter: EmissionMeter
  }) {
    this.#queue = deps.queue
    this.#bus = deps.bus
    this.#clock = deps.clock
    this.#random = deps.random
    this.#gaps = deps.gaps
    this.#meter = deps.meter
  }

  /** Resolves when the queue has all of them. Throws what the queue throws; then some may have been taken. */
  async run(dues: readonly OrderDue[]): Promise<void> {
    for (let at = 0; at < dues.length; at += BATCH) {
      const batch = dues.slice(at, at + BATCH)
      const verdicts = await this.#queue.enqueue(batch.map((due) => this.#job(due)))
      const now = this.#clock.now()
      for (const [index, { dueAt }] of batch.entries())
        if (verdicts[index] === 'queued') this.#meter.emitted(now - dueAt)
    }
  }

  /** As `run`, for repetitions that were emitted before. */
  async again(dues: readonly OrderDue[]): Promise<void> {
    for (let at = 0; at < dues.length; at += BATCH) {
      const verdicts = await this.#queue.enqueue(dues.slice(at, at + BATCH).map((due) => this.#job(due)))
      const queued = verdicts.filter((verdict) => verdict === 'queued').length
      this.#meter.reEmitted({ queued, known: verdicts.length - queued })
    }
  }

  /** Settles repetitions without an attempt: each becomes a failure record, and its coins go back. */
  async giveUp(dues: readonly (OrderDue & { readonly reason: GiveUpReason })[]): Promise<void> {
    await this.#bus.results.publish(dues.map((due) => this.#failure(due)))
    this.#meter.gaveUp(dues.length)
  }

  #job({ order, rep, dueAt }: OrderDue): Job {
    return jobOf(order, {
      rep,
      dueAt,
      emittedAt: this.#clock.now(),
      hostGapMs: this.#gaps.gapMs(order.host),
      traceparent: newTraceparent(this.#random),
    })
  }

  #failure({ order, rep, dueAt, reason }: OrderDue & { readonly reason: GiveUpReason }): ResultMessage {
    const now = this.#clock.now()
    const run: RunResult = {
      jobId: jobIdOf(order.id, rep),
      orderId: order.id,
      rep,
      customerId: order.customerId,
      url: order.url,
      priceCoins: order.priceCoins,
      dueAt,
      attempt: 0,
      startedAt: now,
      finishedAt: now,
      outcome: { kind: 'failure', reason, fault: failureRules[reason].fault, detail: details[reason] ?? reason },
      traceparent: newTraceparent(this.#random),
    }
    return { v: 1, run }
  }
}
