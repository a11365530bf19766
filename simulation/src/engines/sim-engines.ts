import type { Clock, Random } from '@quarry/domain'
import type { JobQueue, LiveEvents, ResultBus } from '@quarry/messaging-port'
import type {
  LeaderLease,
  LedgerStore,
  OrderStore,
  ResultStore,
  ScheduleStore,
  TestFetchStore,
} from '@quarry/storage-port'
import {
  SqliteEngine,
  SqliteLeaderLease,
  SqliteLedgerStore,
  SqliteOrderStore,
  SqliteResultStore,
  SqliteScheduleStore,
  SqliteTestFetchStore,
} from '@quarry/storage-sqlite'
import type { Witness } from '../audit/witness.ts'
import type { Network } from '../faults/network.ts'
import type { Plant } from '../faults/plants.ts'
import type { SimProcess } from '../kernel/sim-process.ts'
import type { World } from '../kernel/world.ts'
import { observed } from './observed.ts'
import { rememberingBuckets } from './remembered-buckets.ts'
import { SimBus } from './sim-bus.ts'
import { SimHints } from './sim-hints.ts'
import { SimQueue } from './sim-queue.ts'

export interface Stores {
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly orders: OrderStore
  readonly ledger: LedgerStore
  readonly leases: LeaderLease
  readonly testFetches: TestFetchStore
}

/** Everything that a process takes by its constructors. */
export interface Ports extends Stores {
  readonly queue: JobQueue
  readonly bus: ResultBus
  readonly live: LiveEvents
  readonly clock: Clock
  readonly random: Random
}

/** The one-machine adapters as engines of their own: SQLite in memory, the job queue and the bus, each seen by a witness. */
export class SimEngines {
  /** The stores as they are, without faults: for the audit. */
  readonly stores: Stores
  readonly queue: SimQueue
  readonly bus: SimBus
  readonly hints: SimHints
  readonly #world: World
  readonly #network: Network
  readonly #plant: Plant | undefined
  readonly #observedQueue: JobQueue
  readonly #database: SqliteEngine

  constructor(world: World, parts: { network: Network; witness: Witness; plant: Plant | undefined }) {
    const { network, witness, plant } = parts
    this.#world = world
    this.#network = network
    this.#plant = plant
    this.#database = SqliteEngine.open(':memory:')
    const stores: Stores = {
      schedule: rememberingBuckets(new SqliteScheduleStore(this.#database)),
      results: new SqliteResultStore(this.#database),
      orders: new SqliteOrderStore(this.#database),
      ledger: new SqliteLedgerStore(this.#database),
      leases: new SqliteLeaderLease(this.#database),
      testFetches: new SqliteTestFetchStore(this.#database),
    }
    const planted = plant?.stores?.(stores) ?? stores
    this.stores = {
      ...planted,
      schedule: observed(planted.schedule, witness.schedule),
      results: observed(planted.results, witness.results),
      ledger: observed(planted.ledger, witness.ledger),
    }
    this.queue = new SimQueue(world, network)
    this.#observedQueue = observed(this.queue.port, witness.queue)
    this.bus = new SimBus(world, network, witness.bus)
    this.hints = new SimHints(network)
  }

  /** The ports as one process sees them. */
  for(process: SimProcess): Ports {
    const guard = <T extends object>(engine: Parameters<Network['guard']>[1], port: T) =>
      this.#network.guard(process, engine, port)
    const { schedule, results, orders, ledger, leases, testFetches } = this.stores
    const ports: Ports = {
      schedule: guard('schedule', schedule),
      results: guard('results', results),
      orders: guard('orders', orders),
      ledger: guard('ledger', ledger),
      leases: guard('leases', leases),
      testFetches: guard('results', testFetches),
      queue: this.queue.hintsFor(process, guard('queue', this.#observedQueue)),
      bus: this.bus.for(process),
      live: this.hints.for(process),
      clock: process.clock,
      random: this.#world.random,
    }
    return this.#plant?.ports?.(ports, process) ?? ports
  }

  async close(): Promise<void> {
    this.bus.close()
    await this.#database.close()
  }
}
