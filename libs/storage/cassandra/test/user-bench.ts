import type { UserStoreBench } from '@quarry/storage-conformance'
import { Unavailable, UnknownOutcome, type UserStore } from '@quarry/storage-port'
import type { Faults } from '../src/cassandra-engine.ts'
import { CassandraUserStore } from '../src/cassandra-user-store.ts'
import type { cassandraKeyspace } from './cassandra-bench.ts'

type Moment = 'before' | 'midway' | 'after'

/** Breaks each write at a moment: ahead of its first step, ahead of the step that decides, or after that one. */
class Breaking implements Faults {
  moment: Moment | undefined
  #step = ''

  before(step: string): void {
    const last = this.#step
    this.#step = step
    if (this.moment === undefined || step.startsWith('SELECT')) return
    if (this.moment === 'after' ? step === 'answer' && decides(last) : this.moment === 'before' || decides(step)) {
      throw this.moment === 'after' ? new UnknownOutcome('the line broke') : new Unavailable(`broken at ${step}`)
    }
  }
}

/** The row of a new user and the indexes decide nothing. */
function decides(step: string): boolean {
  return !['answer', 'INSERT INTO sign_in_user'].includes(step) && !step.includes('_by_')
}

/** The suite's bench on an empty keyspace with the tables of users. */
export function userBench(keyspace: ReturnType<typeof cassandraKeyspace>): () => Promise<UserStoreBench> {
  return async () => {
    const faults = new Map<UserStore, Breaking>()
    const emptied = await keyspace.benchOf((engine) => engine)()
    return {
      client: async () => {
        const breaking = new Breaking()
        const store = new CassandraUserStore((await emptied.connect()).withFaults(breaking))
        faults.set(store, breaking)
        return store
      },
      breakWrites: (client, moment) => void (faults.get(client)!.moment = moment),
      mend: (client) => void (faults.get(client)!.moment = undefined),
      close: () => emptied.close(),
    }
  }
}
