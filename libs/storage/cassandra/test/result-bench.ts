import type { StoreBench } from '@quarry/storage-conformance'
import { UnknownOutcome, type ResultStore } from '@quarry/storage-port'
import type { Faults } from '../src/cassandra-engine.ts'
import { CassandraResultStore } from '../src/cassandra-result-store.ts'
import type { cassandraKeyspace } from './cassandra-bench.ts'

const TABLES = [
  'inbox',
  'inbox_range',
  'inbox_by_day',
  'orphan_body',
  'result_day',
  'run_order',
  'run',
  'body',
] as const

/** One client's process: it dies at a step and stays dead, or loses the answer of what decides: the log's append. */
class Mortal implements Faults {
  stepsLeft = Infinity
  losesAnswer = false
  dead = false
  #deciding = false

  before(step: string): void {
    if (this.stepsLeft-- <= 0) this.dead = true
    if (this.dead) throw new Error(`died at ${step}`)
    if (step !== 'answer') this.#deciding = step === 'UPDATE inbox SET'
    else if (this.losesAnswer && this.#deciding) {
      this.losesAnswer = false
      throw new UnknownOutcome('the line broke')
    }
  }
}

/**
 * Empties the tables by truncating them: rows with timestamps of their own would not come to light above the deletions
 * of an earlier test.
 */
export function resultBench(keyspace: ReturnType<typeof cassandraKeyspace>): () => Promise<StoreBench<ResultStore>> {
  return async () => {
    const engine = keyspace.engine()
    await Promise.all(TABLES.map((table) => engine.define(`TRUNCATE ${table}`)))
    const mortals = new Map<ResultStore, Mortal>()
    return {
      connect: () => {
        const faults = new Mortal()
        const store = new CassandraResultStore(engine.withFaults(faults))
        mortals.set(store, faults)
        return Promise.resolve(store)
      },
      crashes: {
        dieAt: (client, step) => void (mortals.get(client)!.stepsLeft = step),
        isDead: (client) => mortals.get(client)!.dead,
        loseAnswer: (client) => void (mortals.get(client)!.losesAnswer = true),
      },
      close: () => Promise.resolve(),
    }
  }
}
