import type { Clock } from '@quarry/domain'
import { MemoryJobQueue, MemoryLiveEvents, MemoryPresence, MemoryResultBus } from '@quarry/messaging-memory'
import {
  SqliteEngine,
  SqliteLeaderLease,
  SqliteLedgerStore,
  SqliteNotificationStore,
  SqliteOperatorStore,
  SqliteOrderStore,
  SqlitePeopleStore,
  SqliteResultStore,
  SqliteScheduleStore,
  SqliteTestFetchStore,
  SqliteUserStore,
} from '@quarry/storage-sqlite'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../config/settings.ts'
import type { Engines } from './engines.ts'

/** SQLite in `dataDir`, queue and bus in this process's memory. Throws `ConfigError` when the folder cannot be used. */
export function openOneMachine(dataDir: string, clock: Clock): Engines {
  const database = openDatabase(dataDir)
  const bus = new MemoryResultBus(clock)
  return {
    users: new SqliteUserStore(database),
    orders: new SqliteOrderStore(database),
    schedule: new SqliteScheduleStore(database),
    ledger: new SqliteLedgerStore(database),
    results: new SqliteResultStore(database),
    leases: new SqliteLeaderLease(database),
    notifications: new SqliteNotificationStore(database),
    testFetches: new SqliteTestFetchStore(database),
    operator: new SqliteOperatorStore(database),
    people: new SqlitePeopleStore(database),
    jobs: new MemoryJobQueue(clock),
    bus,
    live: new MemoryLiveEvents(),
    presence: new MemoryPresence(clock),
    checks: { database: async () => void database.read((db) => db.prepare('SELECT 1').get()) },
    async close() {
      // First: whoever still waits for a confirmation gets an answer instead of waiting for ever.
      bus.close()
      await database.close()
    },
  }
}

function openDatabase(dataDir: string): SqliteEngine {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return SqliteEngine.open(join(dataDir, 'quarry.db'))
  } catch (error) {
    throw new ConfigError(`The data folder ${dataDir} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}
