import type { CancelTimer, Clock, Instant } from '@quarry/domain'
import { EventQueue, type SimEvent } from './event-queue.ts'
import { SeededRandom } from './seeded-random.ts'
import type { SimProcess } from './sim-process.ts'
import { Trace, type TraceWish } from './trace.ts'

/** Timers further ahead than this are meant for that very moment; nearer ones of a calm marketplace only look around. */
export const ROUND_MS = 60_000
/** So long before the next thing happens a skipped calm ends. */
const RUN_UP_MS = 1_500

/**
 * The only time and the only chance of a simulation. It runs one event at a time and the next one only when everything
 * that the last one began (promises, the database's group commit) has come to rest, so that what happens depends on the
 * seed and on nothing else.
 */
export class World {
  readonly random: SeededRandom
  readonly trace: Trace
  readonly #events = new EventQueue()
  #now: Instant
  #order = 0
  #working = 0
  #count = 0
  #skippedMs = 0
  #stopped = false

  constructor(seed: number, options: { start: Instant; trace?: TraceWish }) {
    this.random = new SeededRandom(seed)
    this.trace = new Trace(options.trace)
    this.#now = options.start
  }

  get now(): Instant {
    return this.#now
  }

  get eventCount(): number {
    return this.#count
  }

  get skippedMs(): number {
    return this.#skippedMs
  }

  /** The true time, for what is nobody's process: brokers and the like. */
  readonly clock: Clock = {
    now: () => this.#now,
    after: (delayMs, action) => this.after(delayMs, action),
  }

  /** Runs `action` in `delayMs`; in a process, unless that is dead by then, and not before it wakes if it is paused. */
  after(delayMs: number, action: () => void, owner?: SimProcess): CancelTimer {
    return this.#put(delayMs, action, { owner, isTimer: false })
  }

  /** As `after`, for a timer that the process set for itself. */
  timer(delayMs: number, action: () => void, owner: SimProcess): CancelTimer {
    return this.#put(delayMs, action, { owner, isTimer: true })
  }

  /** An event that waited for its process to wake. */
  resume(event: SimEvent): void {
    event.at = Math.max(this.#now, event.at)
    event.order = this.#order++
    this.#events.push(event)
  }

  #put(delayMs: number, action: () => void, whose: { owner: SimProcess | undefined; isTimer: boolean }): CancelTimer {
    const event: SimEvent = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order++,
      ...whose,
      action,
      cancelled: false,
    }
    this.#events.push(event)
    return () => {
      event.cancelled = true
    }
  }

  /** Time stands still until this work of an engine is done. */
  async working<T>(work: Promise<T>): Promise<T> {
    this.#working++
    try {
      return await work
    } finally {
      this.#working--
    }
  }

  stop(): void {
    this.#stopped = true
  }

  /**
   * Runs until `until` (or nothing is left to happen), or until stopped. Between two events, about every `everyMs`, the
   * watch looks at everything.
   */
  async run(until: Instant, watch: { everyMs: number; action: () => Promise<void> }): Promise<void> {
    let lookAt = this.#now + watch.everyMs
    while (!this.#stopped) {
      if (this.#now >= lookAt) {
        await watch.action()
        lookAt = this.#now + watch.everyMs
        continue
      }
      const event = this.#events.pop()
      if (event === undefined) return
      if (event.cancelled) continue
      if (event.at > until) {
        this.#events.push(event)
        this.#now = until
        return
      }
      const { owner } = event
      if (owner?.state === 'dead') continue
      if (owner?.state === 'paused') {
        owner.postpone(event)
        continue
      }
      this.#now = Math.max(this.#now, event.at)
      this.#count++
      event.action()
      await this.#rest()
    }
  }

  /** Until nothing more happens by itself, in promises or in an engine. */
  async #rest(): Promise<void> {
    await promisesAtRest()
    while (this.#working > 0) {
      await nextTurn()
      await promisesAtRest()
    }
  }

  /**
   * Leaves out the time in which nothing would happen: up to shortly before the next event that is more than a round
   * ahead. Timers of processes within a round are rounds of looking for work; they go on afterwards, each as far ahead as
   * it was. To be called only when no work is anywhere. Returns whether there was anything to leave out.
   */
  skipCalm(): boolean {
    const standing = this.#events.standing()
    const isRound = ({ isTimer, at }: SimEvent) => isTimer && at <= this.#now + ROUND_MS
    let next = Infinity
    for (const event of standing) if (!isRound(event)) next = Math.min(next, event.at)
    const skipMs = next - RUN_UP_MS - this.#now
    if (skipMs < ROUND_MS || next === Infinity) return false
    for (const event of standing) if (isRound(event)) event.at += skipMs
    this.#events.reorder()
    this.trace.tell(this.#now, `nothing happens for ${skipMs} ms`)
    this.#now += skipMs
    this.#skippedMs += skipMs
    return true
  }
}

/** When every promise that can settle by itself has: Node takes this queue up only when the one of promises is empty. */
function promisesAtRest(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

/** When the event loop came round: the database commits there. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
