import { userStoreSuite, type UserStoreBench } from '@quarry/storage-conformance'
import { Unavailable, type UserStore } from '@quarry/storage-port'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteEngine } from './sqlite-engine.ts'
import { SqliteUserStore } from './sqlite-user-store.ts'

type Moment = 'before' | 'midway' | 'after'

/** The engine's step at which a write of this store dies. */
const breaksAt: Readonly<Record<Moment, (step: string) => boolean>> = {
  before: (step) => step === 'begin',
  midway: (step) => step === 'commit' || step.startsWith('INSERT INTO recovery_code'),
  after: (step) => step === 'answer',
}

async function open(): Promise<UserStoreBench> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-users-'))
  const engines: SqliteEngine[] = []
  const broken = new Map<UserStore, Moment>()
  return {
    client: async () => {
      const before = (step: string) => {
        const moment = broken.get(store)
        if (moment && breaksAt[moment](step)) throw new Unavailable(`broken at ${step}`)
      }
      const engine = SqliteEngine.open(join(folder, 'quarry.db'), { faults: { before } })
      const store = new SqliteUserStore(engine)
      engines.push(engine)
      return store
    },
    breakWrites: (client, moment) => void broken.set(client, moment),
    mend: (client) => void broken.delete(client),
    close: async () => {
      await Promise.all(engines.map((engine) => engine.close()))
      await rm(folder, { recursive: true })
    },
  }
}

userStoreSuite('sqlite', open, { crashes: true })
