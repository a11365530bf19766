import type { Bucket, CancelTimer, Clock, Shard } from '@quarry/domain'
import type { KeepSchedule } from './keep-schedule.ts'

export interface SchedulerTimes {
  readonly watermarkMs: number
  readonly rereadMs: number
  readonly closeMs: number
}

/** Waited after a step failed, before the next one is tried. */
const RETRY_MS = 250

/** Drives `KeepSchedule`: one step at a time, woken by due times, by hints, and by the clock. */
export class RunScheduler {
  readonly #schedule: KeepSchedule
  readonly #clock: Clock
  readonly #times: SchedulerTimes
  readonly #onError: (error: unknown, step: string) => void
  #turn: Promise<void> = Promise.resolve()
  #cancelDue: CancelTimer | undefined
  #cancelRounds: CancelTimer[] = []
  readonly #hinted = new Set<Bucket>()
  #stopped = false

  constructor(
    deps: { schedule: KeepSchedule; clock: Clock; onError: (error: unknown, step: string) => void },
    times: SchedulerTimes,
  ) {
    this.#schedule = deps.schedule
    this.#clock = deps.clock
    this.#onError = deps.onError
    this.#times = times
  }

  start(): void {
    this.#every(this.#times.watermarkMs, 'move watermarks', () => this.#schedule.moveWatermarks())
    this.#every(this.#times.closeMs, 'close settled orders', () => this.#schedule.closeSettled())
    this.#every(this.#times.rereadMs, 'reread changes', async () => {
      await this.#schedule.checkQueue()
      await this.#schedule.rereadAll()
    })
  }

  /** Takes over a new shard; tried again until it works or a newer one comes. */
  assign(shard: Shard): Promise<void> {
    return this.#enqueue('take over buckets', () => this.#schedule.assign(shard))
  }

  /** Somebody changed an entry in this bucket. */
  hint(bucket: Bucket): void {
    if (this.#hinted.has(bucket)) return
    this.#hinted.add(bucket)
    void this.#enqueue('read changes', () => {
      this.#hinted.delete(bucket)
      return this.#schedule.readChanges(bucket)
    })
  }

  /** Emits no more; the watermarks move a last time. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#cancelDue?.()
    for (const cancel of this.#cancelRounds) cancel()
    await this.#turn
    try {
      await this.#schedule.moveWatermarks()
    } catch (error) {
      this.#onError(error, 'move watermarks')
    }
  }

  #enqueue(step: string, action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#stopped) return
      try {
        await action()
      } catch (error) {
        this.#onError(error, step)
        this.#clock.after(RETRY_MS, () => void this.#enqueue(step, action))
      }
      this.#wakeWhenDue()
    })
    return this.#turn
  }

  #wakeWhenDue(): void {
    this.#cancelDue?.()
    const waitMs = this.#schedule.nextDueAt - this.#clock.now()
    if (waitMs === Infinity || this.#stopped) return
    this.#cancelDue = this.#clock.after(Math.max(0, waitMs), () => void this.#emit())
  }

  async #emit(): Promise<void> {
    await this.#enqueueOnce('emit due jobs', async () => {
      while (await this.#schedule.emitDue());
    })
  }

  /** As `#enqueue`, but a failure is tried again by the next due time, which is now. */
  #enqueueOnce(step: string, action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#stopped) return
      try {
        await action()
        this.#wakeWhenDue()
      } catch (error) {
        this.#onError(error, step)
        this.#clock.after(RETRY_MS, () => this.#wakeWhenDue())
      }
    })
    return this.#turn
  }

  #every(periodMs: number, step: string, action: () => Promise<void>): void {
    const round = async () => {
      await this.#enqueueOnce(step, action)
      if (!this.#stopped) this.#cancelRounds = [...this.#cancelRounds.slice(-8), this.#clock.after(periodMs, () => void round())]
    }
    this.#cancelRounds.push(this.#clock.after(periodMs, () => void round()))
  }
}
