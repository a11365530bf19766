import { SimProcess } from './sim-process.ts'
import type { World } from './world.ts'

/** A service that runs in a process. One with `stop` ends on purpose: what it owns goes to others first. */
export type Service = object

export interface SlotOptions<S extends Service> {
  readonly name: string
  readonly skewMs: number
  /** How long until a process that died is started again. */
  readonly restartMs: () => number
  readonly start: (process: SimProcess) => S
}

/** A place for a process of one kind: when one dies, the next one starts. */
export class Slot<S extends Service = Service> {
  readonly name: string
  readonly #world: World
  readonly #options: SlotOptions<S>
  #process: SimProcess | undefined
  #service: S | undefined
  #lives = 0

  constructor(world: World, options: SlotOptions<S>) {
    this.name = options.name
    this.#world = world
    this.#options = options
  }

  /** The process, while there is one. */
  get process(): SimProcess | undefined {
    return this.#process
  }

  /** Its service, while its process is alive (perhaps paused). */
  get service(): S | undefined {
    return this.#service
  }

  /** Running, and reachable by others. */
  get isUp(): boolean {
    return this.#process?.state === 'up' && !this.#process.cutOff
  }

  start(): void {
    if (this.#process) return
    const { random, trace } = this.#world
    const skewMs = random.whole(-this.#options.skewMs, this.#options.skewMs)
    const process = new SimProcess(this.#world, `${this.name}.${this.#lives++}`, skewMs)
    if (this.#lives > 1) trace.tell(this.#world.now, `${process.name} starts`)
    this.#process = process
    process.onDeath(() => {
      this.#process = undefined
      this.#service = undefined
      this.#world.after(this.#options.restartMs(), () => this.start())
    })
    this.#service = this.#options.start(process)
  }

  /** Ends it on purpose, as an upgrade does, but no later than `patienceMs`. */
  stop(patienceMs: number): void {
    const process = this.#process
    if (process?.state !== 'up') return
    this.#world.trace.tell(this.#world.now, `${process.name} is asked to stop`)
    const kill = () => process.kill('it was asked to')
    const cancel = this.#world.after(patienceMs, kill)
    void stopOf(this.#service).finally(() => {
      cancel()
      kill()
    })
  }
}

async function stopOf(service: (Service & { stop?: () => Promise<void> }) | undefined): Promise<void> {
  await service?.stop?.()
}
