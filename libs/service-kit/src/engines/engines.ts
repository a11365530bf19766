import type { JobQueue, LiveEvents, Presence, ResultBus } from '@quarry/messaging-port'
import type {
  LeaderLease,
  LedgerStore,
  NotificationStore,
  OrderStore,
  PeopleStore,
  ResultStore,
  ScheduleStore,
  TestFetchStore,
  OperatorStore,
  UserStore,
} from '@quarry/storage-port'

/** What is kept for good. */
export interface Stores {
  readonly users: UserStore
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly ledger: LedgerStore
  readonly results: ResultStore
  readonly leases: LeaderLease
  readonly notifications: NotificationStore
  readonly testFetches: TestFetchStore
  readonly operator: OperatorStore
  readonly people: PeopleStore
}

/** What may be lost, and is made again from the stores. */
export interface Frontiers {
  readonly jobs: JobQueue
  readonly live: LiveEvents
  readonly presence: Presence
}

/** The streams between services. */
export interface Streams {
  readonly bus: ResultBus
}

/**
 * Which engines a service cannot do without. With `hints` alone it only says something to others now and then, and can do
 * without: the engine is opened beside it, and until it answers hints are dropped.
 */
export type EngineNeed = 'stores' | 'frontier' | 'streams' | 'hints'

interface Opened {
  /** One entry per engine: resolves when it answers. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** Finishes what was begun and lets go of everything. */
  close(): Promise<void>
}

/** Every store and queue that services use, opened. */
export interface Engines extends Stores, Frontiers, Streams, Opened {}

/** The stores and queues that the services of one process need, opened. */
export type OpenedEngines = Opened & Partial<Stores & Frontiers & Streams>
