import type { CancelTimer, Clock } from '@quarry/domain'
import type { SimEvent } from './event-queue.ts'
import type { World } from './world.ts'

export type ProcessState = 'up' | 'paused' | 'dead'

/** What befalls a process at one of its next calls. */
export interface Trap {
  readonly what: 'die' | 'pause'
  /** Calls until then. */
  calls: number
  /** Whether that call still leaves the process. */
  readonly sent: boolean
  readonly pauseMs: number
}

/** Others notice a process that stopped answering after this long. */
const HEARTBEAT_MS = 10_000

/**
 * One operating-system process. What it was to do (timers, answers, messages) dies with it, or waits while it is paused.
 * A process that died is never revived: a new one takes its place.
 */
export class SimProcess {
  readonly name: string
  readonly world: World
  trap: Trap | undefined
  /** Calls and connections of this process go nowhere. */
  cutOff = false
  #state: ProcessState = 'up'
  #wallMs: number
  #postponed: SimEvent[] = []
  #cancelWake: CancelTimer | undefined
  readonly #onUnreachable = new Set<() => void>()
  readonly #onWake = new Set<() => void>()
  readonly #onDeath = new Set<() => void>()

  constructor(world: World, name: string, skewMs: number) {
    this.world = world
    this.name = name
    this.#wallMs = skewMs
  }

  get state(): ProcessState {
    return this.#state
  }

  /** The process's own clock: its wall may be off, its timers count elapsed time. */
  readonly clock: Clock = {
    now: () => this.world.now + this.#wallMs,
    after: (delayMs, action) => this.world.timer(Math.ceil(delayMs), action, this),
  }

  stepWall(ms: number): void {
    this.#wallMs += ms
  }

  /** By how much its wall clock is off. */
  get wallMs(): number {
    return this.#wallMs
  }

  postpone(event: SimEvent): void {
    this.#postponed.push(event)
  }

  kill(why: string): void {
    if (this.#state === 'dead') return
    this.world.trace.tell(this.world.now, `${this.name} dies: ${why}`)
    this.#state = 'dead'
    this.#cancelWake?.()
    this.#postponed = []
    this.becomeUnreachable()
    this.#onWake.clear()
    for (const listener of takeAll(this.#onDeath)) listener()
  }

  pause(ms: number): void {
    if (this.#state !== 'up') return
    this.world.trace.tell(this.world.now, `${this.name} is paused for ${ms} ms`)
    this.#state = 'paused'
    this.#cancelWake = this.world.after(ms, () => this.#wake())
    this.world.after(HEARTBEAT_MS, () => {
      if (this.#state === 'paused') this.becomeUnreachable()
    })
  }

  /** Nothing reaches it and nothing it sends arrives; its connections end when that is noticed. */
  isolate(ms: number): void {
    if (this.#state === 'dead' || this.cutOff) return
    this.world.trace.tell(this.world.now, `${this.name} is cut off for ${ms} ms`)
    this.cutOff = true
    this.world.after(Math.min(ms, HEARTBEAT_MS), () => this.becomeUnreachable())
    this.world.after(ms, () => {
      this.cutOff = false
      if (this.#state === 'up') for (const listener of [...this.#onWake]) listener()
    })
  }

  /** Its connections end; the process itself learns of it when it next runs. */
  becomeUnreachable(): void {
    for (const listener of takeAll(this.#onUnreachable)) listener()
  }

  /** Calls back once, when this process is found not to answer. Returns how to stop that. */
  onUnreachable(listener: () => void): () => void {
    this.#onUnreachable.add(listener)
    return () => this.#onUnreachable.delete(listener)
  }

  onDeath(listener: () => void): () => void {
    this.#onDeath.add(listener)
    return () => this.#onDeath.delete(listener)
  }

  /** Calls back after every pause. */
  onWake(listener: () => void): void {
    this.#onWake.add(listener)
  }

  /** Runs something in this process soon: a message arrived. */
  deliver(delayMs: number, action: () => void): void {
    this.world.after(delayMs, action, this)
  }

  #wake(): void {
    if (this.#state !== 'paused') return
    this.world.trace.tell(this.world.now, `${this.name} wakes`)
    this.#state = 'up'
    for (const event of this.#postponed.splice(0).sort((a, b) => a.at - b.at || a.order - b.order))
      if (!event.cancelled) this.world.resume(event)
    for (const listener of [...this.#onWake]) listener()
  }
}

function takeAll(listeners: Set<() => void>): readonly (() => void)[] {
  const all = [...listeners]
  listeners.clear()
  return all
}
