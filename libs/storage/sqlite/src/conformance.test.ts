import {
  leaderLeaseSuite,
  ledgerStoreSuite,
  notificationStoreSuite,
  operatorStoreSuite,
  orderStoreSuite,
  peopleStoreSuite,
  resultStoreSuite,
  scheduleStoreSuite,
  testFetchStoreSuite,
  type StoreBench,
} from '@quarry/storage-conformance'
import { UnknownOutcome } from '@quarry/storage-port'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteEngine } from './sqlite-engine.ts'
import { SqliteLeaderLease } from './sqlite-leader-lease.ts'
import { SqliteLedgerStore } from './sqlite-ledger-store.ts'
import { SqliteNotificationStore } from './sqlite-notification-store.ts'
import { SqliteOrderStore } from './sqlite-order-store.ts'
import { SqlitePeopleStore } from './sqlite-people-store.ts'
import { SqliteResultStore } from './sqlite-result-store.ts'
import { SqliteScheduleStore } from './sqlite-schedule-store.ts'
import { SqliteTestFetchStore } from './sqlite-test-fetch-store.ts'
import { SqliteOperatorStore } from './sqlite-operator-store.ts'
import { SqliteUserStore } from './sqlite-user-store.ts'
import type { Faults } from './statement.ts'

/** One client's process: it dies at a step of its engine and stays dead, or loses one answer. */
class Mortal implements Faults {
  stepsLeft = Infinity
  losesAnswer = false
  dead = false

  before(step: string): void {
    if (this.stepsLeft-- <= 0) this.dead = true
    if (this.dead) throw new Error(`died at ${step}`)
    if (step === 'answer' && this.losesAnswer) {
      this.losesAnswer = false
      throw new UnknownOutcome('the line broke')
    }
  }
}

/** Clients are engines of their own on one file, as other processes would be. */
function benchOf<S extends object>(create: (engine: SqliteEngine) => S): () => Promise<StoreBench<S>> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-storage-'))
    const engines: SqliteEngine[] = []
    const mortals = new Map<S, Mortal>()
    return {
      connect: () => {
        const faults = new Mortal()
        const engine = SqliteEngine.open(join(folder, 'quarry.db'), { faults })
        const store = create(engine)
        engines.push(engine)
        mortals.set(store, faults)
        return Promise.resolve(store)
      },
      crashes: {
        dieAt: (client, step) => void (mortals.get(client)!.stepsLeft = step),
        isDead: (client) => mortals.get(client)!.dead,
        loseAnswer: (client) => void (mortals.get(client)!.losesAnswer = true),
      },
      close: async () => {
        await Promise.all(engines.map((engine) => engine.close()))
        await rm(folder, { recursive: true })
      },
    }
  }
}

orderStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteOrderStore(engine)),
  { crashes: true },
)
scheduleStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteScheduleStore(engine)),
  { crashes: true },
)
ledgerStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteLedgerStore(engine)),
  { crashes: true },
)
resultStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteResultStore(engine)),
  { crashes: true },
)
leaderLeaseSuite(
  'SQLite',
  benchOf((engine) => new SqliteLeaderLease(engine)),
  { crashes: true },
)
notificationStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteNotificationStore(engine)),
  { crashes: true },
)
testFetchStoreSuite(
  'SQLite',
  benchOf((engine) => new SqliteTestFetchStore(engine)),
  { crashes: true },
)
operatorStoreSuite(
  'SQLite',
  benchOf((engine) => ({ operator: new SqliteOperatorStore(engine), users: new SqliteUserStore(engine) })),
  { crashes: true },
)
peopleStoreSuite(
  'SQLite',
  benchOf((engine) => new SqlitePeopleStore(engine)),
  { crashes: true },
)
