import { MemoryJobQueue } from '@quarry/messaging-memory'
import type { JobQueue } from '@quarry/messaging-port'
import type { Network } from '../faults/network.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { World } from '../kernel/world.ts'

/** The job queue as a server of its own: its hints travel and get lost, and it can lose its memory. */
export class SimQueue {
  readonly #world: World
  readonly #network: Network
  readonly #listeners = new Set<() => void>()
  #lives = 0
  #current: MemoryJobQueue

  constructor(world: World, network: Network) {
    this.#world = world
    this.#network = network
    this.#current = this.#begin()
  }

  /** As Redis may: every job is gone, and the identity tells. */
  loseMemory(): void {
    this.#world.trace.tell(this.#world.now, 'the queue loses its memory')
    this.#current = this.#begin()
  }

  get depth(): ReturnType<JobQueue['depth']> {
    return this.#current.depth()
  }

  /** What a call of a process reaches. */
  readonly port: JobQueue = {
    enqueue: (jobs) => this.#current.enqueue(jobs),
    claim: (request) => this.#current.claim(request),
    extend: (tokens, leaseMs) => this.#current.extend(tokens, leaseMs),
    ack: (acknowledgements) => this.#current.ack(acknowledgements),
    release: (releases) => this.#current.release(releases),
    reap: (request) => this.#current.reap(request),
    holds: (jobIds) => this.#current.holds(jobIds),
    depth: () => this.#current.depth(),
    identity: () => this.#current.identity(),
    onClaimable: () => () => undefined,
  }

  /** The port with hints for one process: late, or never. */
  hintsFor(process: SimProcess, port: JobQueue): JobQueue {
    const onClaimable = (listener: () => void) => {
      const hint = () => {
        if (!this.#network.goesWrong(this.#network.weather.lostHint))
          process.deliver(this.#network.latencyMs(), listener)
      }
      this.#listeners.add(hint)
      const stop = () => this.#listeners.delete(hint)
      process.onDeath(stop)
      return stop
    }
    return new Proxy(port, {
      get: (target, key): unknown => (key === 'onClaimable' ? onClaimable : Reflect.get(target, key)),
    })
  }

  #begin(): MemoryJobQueue {
    const queue: MemoryJobQueue = new MemoryJobQueue(this.#world.clock, { identity: `q${this.#lives++}` })
    queue.onClaimable(() => {
      if (queue === this.#current) for (const listener of this.#listeners) listener()
    })
    return queue
  }
}
