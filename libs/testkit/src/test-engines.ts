import { MemoryJobQueue, MemoryLiveEvents, MemoryPresence, MemoryResultBus } from '@quarry/messaging-memory'
import {
  SqliteEngine,
  SqliteLeaderLease,
  SqliteLedgerStore,
  SqliteOperatorStore,
  SqliteNotificationStore,
  SqliteOrderStore,
  SqlitePeopleStore,
  SqliteResultStore,
  SqliteScheduleStore,
  SqliteTestFetchStore,
  SqliteUserStore,
} from '@quarry/storage-sqlite'
import { FakeClock } from './fake-clock.ts'

/** The one-machine adapters on a database in memory, all on one standing clock. */
export function openTestEngines(clock: FakeClock = new FakeClock()) {
  const database = SqliteEngine.open(':memory:')
  return {
    clock,
    database,
    users: new SqliteUserStore(database),
    orders: new SqliteOrderStore(database),
    schedule: new SqliteScheduleStore(database),
    ledger: new SqliteLedgerStore(database),
    results: new SqliteResultStore(database),
    people: new SqlitePeopleStore(database),
    leases: new SqliteLeaderLease(database),
    notifications: new SqliteNotificationStore(database),
    testFetches: new SqliteTestFetchStore(database),
    operator: new SqliteOperatorStore(database),
    jobs: new MemoryJobQueue(clock),
    bus: new MemoryResultBus(clock),
    live: new MemoryLiveEvents(),
    presence: new MemoryPresence(clock),
    async close(): Promise<void> {
      this.bus.close()
      await database.close()
    },
  }
}

export type TestEngines = ReturnType<typeof openTestEngines>
