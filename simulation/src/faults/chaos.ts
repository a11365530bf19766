import type { SimProcess } from '../kernel/sim-process.ts'
import type { Slot } from '../kernel/slot.ts'
import type { World } from '../kernel/world.ts'
import type { EngineName, Network } from './network.ts'

const MINUTE_MS = 60_000

/** How often each kind of large fault comes, relative to the others. */
const kinds = {
  dieAtCall: 8,
  pauseAtCall: 6,
  kill: 4,
  pause: 4,
  isolate: 3,
  upgrade: 3,
  clockStep: 3,
  allOfAKind: 1,
  outage: 3,
  queueLoss: 2,
}
const outages: readonly (readonly EngineName[])[] = [
  ['schedule', 'results', 'orders', 'ledger', 'leases'],
  ['schedule'],
  ['results'],
  ['ledger'],
  ['leases'],
  ['queue'],
  ['bus'],
]

export interface ChaosOptions {
  readonly network: Network
  readonly slots: () => readonly Slot[]
  readonly loseQueue: () => void
  /** A moment at which much happens, some time ahead. */
  readonly nextBusyTime: () => number
}

/** Large faults, at times of its own and most of all when much is going on. */
export class Chaos {
  readonly #world: World
  readonly #options: ChaosOptions
  #over = false
  #count = 0

  constructor(world: World, options: ChaosOptions) {
    this.#world = world
    this.#options = options
    this.#later()
  }

  get count(): number {
    return this.#count
  }

  stop(): void {
    this.#over = true
  }

  #later(): void {
    const { random } = this.#world
    const { network, nextBusyTime } = this.#options
    const inMs = random.waitMs(network.weather.meanMsBetweenFaults)
    this.#world.after(inMs, () => {
      if (this.#over) return
      const waitMs = random.chance(0.75)
        ? Math.max(0, nextBusyTime() - this.#world.now + random.whole(-8_000, 25_000))
        : 0
      this.#world.after(waitMs, () => this.#strike())
      this.#later()
    })
  }

  #strike(): void {
    if (this.#over) return
    const { random } = this.#world
    this.#count++
    this.#options.network.active()
    const kind = random.weighted(kinds)
    switch (kind) {
      case 'outage':
        return this.#outage(random.pick(outages), random.pick([3_000, 15_000, MINUTE_MS]))
      case 'queueLoss':
        return this.#options.loseQueue()
      case 'allOfAKind': {
        const prefix = random.pick(['manager', 'scheduler', 'mining', 'result', 'coin', 'backend'])
        for (const slot of this.#options.slots())
          if (slot.name.startsWith(prefix)) slot.process?.kill('all of its kind do')
        return
      }
      default:
        return this.#strikeOne(kind, random.pick(this.#options.slots()))
    }
  }

  #strikeOne(kind: Exclude<keyof typeof kinds, 'outage' | 'queueLoss' | 'allOfAKind'>, slot: Slot): void {
    const { process } = slot
    const { random } = this.#world
    if (process?.state !== 'up') return
    const pauseMs = random.pick([3_000, 15_000, 70_000, 10 * MINUTE_MS])
    const calls = random.pick([0, 1, 2, 3, 5, 8, 13, 40])
    switch (kind) {
      case 'dieAtCall':
        process.trap = { what: 'die', calls, sent: random.chance(0.6), pauseMs: 0 }
        return
      case 'pauseAtCall':
        process.trap = { what: 'pause', calls, sent: random.chance(0.5), pauseMs }
        return
      case 'kill':
        return process.kill('by chance')
      case 'pause':
        return process.pause(pauseMs)
      case 'isolate':
        return process.isolate(random.pick([12_000, 40_000, 5 * MINUTE_MS]))
      case 'upgrade':
        return slot.stop(10_000)
      case 'clockStep':
        return this.#stepClock(process)
    }
  }

  #stepClock(process: SimProcess): void {
    const { random, trace, now } = this.#world
    const ms = random.pick([-1, 1]) * this.#options.network.weather.clockStepMs
    if (ms === 0) return
    trace.tell(now, `the clock of ${process.name} is set ${ms} ms wrong`)
    process.stepWall(ms)
    this.#world.after(random.pick([5_000, MINUTE_MS, 10 * MINUTE_MS]), () => process.stepWall(-ms))
  }

  #outage(engines: readonly EngineName[], ms: number): void {
    const { network } = this.#options
    this.#world.trace.tell(this.#world.now, `no answer from ${engines.join(', ')} for ${ms} ms`)
    for (const engine of engines) network.outages.add(engine)
    this.#world.after(ms, () => {
      for (const engine of engines) network.outages.delete(engine)
      network.active()
    })
  }
}
