import type { JobQueue, LiveEvents, ResultBus } from '@quarry/messaging-port'
import type { LeaderLease, LedgerStore, OrderStore, ResultStore, ScheduleStore, UserStore } from '@quarry/storage-port'

/** Every store and queue that services use, opened. */
export interface Engines {
  readonly users: UserStore
  readonly orders: OrderStore
  readonly schedule: ScheduleStore
  readonly ledger: LedgerStore
  readonly results: ResultStore
  readonly leases: LeaderLease
  readonly jobs: JobQueue
  readonly bus: ResultBus
  readonly live: LiveEvents
  /** One entry per engine: resolves when it answers. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** Finishes what was begun and lets go of everything. */
  close(): Promise<void>
}
