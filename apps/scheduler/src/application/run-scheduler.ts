import type { Bucket, CancelTimer, Clock, Shard } from '@quarry/domain'
import type { KeepSchedule } from './keep-schedule.ts'

export interface SchedulerTimes {
  readonly watermarkMs: number
  readonly rereadMs: number
  readonly closeMs: number
}

/** Waited after a step failed, before it is tried again. */
const RETRY_MS = 250

/** Drives `KeepSchedule`: one step at a time, woken by due times, by hints, and by the clock. */
export class RunScheduler {
  readonly #schedule: KeepSchedule
  readonly #clock: Clock
  readonly #times: SchedulerTimes
  readonly #onError: (error: unknown, step: string) => void
  readonly #onTakenOver: () => void
  /** What is waited for, by what it is; all of it ends with `stop`. */
  readonly #timers = new Map<string, CancelTimer>()
  readonly #hinted = new Set<Bucket>()
  #turn: Promise<void> = Promise.resolve()
  /** The kinds of work beside the turn that are under way. */
  readonly #rounds = new Set<string>()
  #stopped = false

  constructor(
    deps: {
      schedule: KeepSchedule
      clock: Clock
      onError: (error: unknown, step: string) => void
      /** Called when no bucket is left to take over, also when there was none to begin with. */
      onTakenOver?: () => void
    },
    times: SchedulerTimes,
  ) {
    this.#schedule = deps.schedule
    this.#clock = deps.clock
    this.#onError = deps.onError
    this.#onTakenOver = deps.onTakenOver ?? (() => undefined)
    this.#times = times
  }

  start(): void {
    this.#every(this.#times.watermarkMs, 'move watermarks', () => this.#schedule.moveSomeWatermarks())
    this.#every(this.#times.closeMs, 'close settled orders', () => this.#schedule.closeSettled())
    // Steps of their own: a queue that does not answer must not keep changes from being read.
    this.#every(this.#times.rereadMs, 'check the queue', () => this.#schedule.checkQueue())
    this.#every(this.#times.rereadMs, 'reread changes', async () => {
      await this.#schedule.rereadAll()
      // Not after every step: a bucket that was lost is taken back only after it was seen whose it is now.
      void this.#takeOver()
    })
  }

  /** The shard as of the last hand-out. */
  get shard(): Shard | undefined {
    return this.#schedule.shard
  }

  /** Takes over a new shard, bucket by bucket between the other steps; tried again until it works or a newer one comes. */
  async assign(shard: Shard): Promise<void> {
    await this.#do('change shard', () => this.#schedule.assign(shard))
    void this.#takeOver()
  }

  /** Somebody changed an entry in this bucket. */
  hint(bucket: Bucket): void {
    if (this.#hinted.has(bucket)) return
    this.#hinted.add(bucket)
    void this.#do('read changes', async () => {
      this.#hinted.delete(bucket)
      await this.#schedule.readChanges(bucket)
    }).then((done) => {
      if (!done) this.#after(RETRY_MS, `hint ${bucket}`, () => this.hint(bucket))
    })
  }

  /** Emits no more; the watermarks move a last time. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    for (const cancel of this.#timers.values()) cancel()
    await this.#turn
    try {
      await this.#schedule.moveWatermarks()
    } catch (error) {
      this.#onError(error, 'move watermarks')
    }
  }

  /** Runs a step when those before it are done. Resolves with whether it succeeded. */
  #do(step: string, action: () => Promise<void>): Promise<boolean> {
    const done = this.#turn.then(async () => {
      if (this.#stopped) return true
      try {
        await action()
        this.#wakeWhenDue()
        this.#finishSoon()
        return true
      } catch (error) {
        this.#onError(error, step)
        this.#after(RETRY_MS, 'due', () => void this.#emit())
        return false
      } finally {
        this.#beside('publish refunds', this.#refunds)
        this.#beside('give up repetitions', this.#giveUps)
      }
    })
    this.#turn = done.then(() => undefined)
    return done
  }

  async #takeOver(): Promise<void> {
    let more = false
    const done = await this.#do('take over buckets', async () => {
      more = await this.#schedule.takeOverSome()
    })
    if (!done) this.#after(RETRY_MS, 'take over', () => void this.#takeOver())
    else if (more) this.#after(0, 'take over', () => void this.#takeOver())
    else this.#onTakenOver()
  }

  /** One batch a turn: whatever else waits comes in between, and so does the process's own input. */
  #emit(): Promise<boolean> {
    return this.#do('emit due jobs', async () => {
      await this.#schedule.emitDue()
    })
  }

  #wakeWhenDue(): void {
    const waitMs = this.#schedule.nextDueAt - this.#clock.now()
    if (waitMs === Infinity) this.#cancel('due')
    else this.#after(Math.max(0, waitMs), 'due', () => void this.#emit())
  }

  /** One round after the other as long as something waits, beside the other steps, because the bus may take its time. */
  #beside(step: string, work: { readonly waiting: () => boolean; readonly round: () => Promise<void> }): void {
    if (this.#rounds.has(step) || this.#stopped || !work.waiting()) return
    this.#rounds.add(step)
    const again = () => {
      this.#rounds.delete(step)
      this.#beside(step, work)
    }
    work.round().then(again, (error: unknown) => {
      this.#onError(error, step)
      this.#after(RETRY_MS, step, again)
    })
  }

  readonly #refunds = {
    waiting: () => this.#schedule.refundsWaiting,
    round: async () => {
      const published = await this.#schedule.publishRefunds()
      if (!(await this.#do('confirm refunds', () => this.#schedule.confirmRefunds(published))))
        throw new Error('the refunds are published, but not confirmed')
    },
  }

  readonly #giveUps = {
    waiting: () => this.#schedule.giveUpsWaiting,
    round: () => this.#schedule.publishGiveUps(),
  }

  /** Once in every period, and again at once as long as the step says that it has more to do. */
  #every(periodMs: number, step: string, action: () => Promise<boolean | void>): void {
    const next = () => {
      let more: boolean | void = false
      const done = this.#do(step, async () => {
        more = await action()
      })
      void done.then(() => this.#after(more === true ? 0 : periodMs, step, next))
    }
    this.#after(periodMs, step, next)
  }

  #finishSoon(): void {
    if (!this.#schedule.endsWaiting || this.#timers.has('finish')) return
    this.#after(0, 'finish', () => {
      void this.#do('finish orders', async () => {
        await this.#schedule.finishSome()
      })
    })
  }

  /** Replaces what was waited for under the same name. */
  #after(delayMs: number, name: string, action: () => void): void {
    this.#cancel(name)
    if (this.#stopped) return
    this.#timers.set(
      name,
      this.#clock.after(delayMs, () => {
        this.#timers.delete(name)
        action()
      }),
    )
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }
}
