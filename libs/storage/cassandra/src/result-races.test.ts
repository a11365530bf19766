import { onEngine } from '@quarry/engines-under-test'
import { pageOf, T0 } from '@quarry/storage-conformance'
import { Unavailable, UnknownOutcome, type ResultStore, type StoredOutcome } from '@quarry/storage-port'
import { expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { resultBench } from '../test/result-bench.ts'
import type { Faults } from './cassandra-engine.ts'
import { CassandraResultStore } from './cassandra-result-store.ts'

const ORDERS = 5
const JOBS = 300
const BATCH = 15
/** One step in so many fails. */
const FAILS = 40
/** What this server stores is pruned meanwhile. */
const FORGOTTEN_SERVER = 0

/** Numbers that look random and are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function failing(random: (below: number) => number): Faults {
  return {
    before: (step) => {
      if (random(FAILS) > 0) return
      throw step === 'answer' ? new UnknownOutcome('the line broke') : new Unavailable('no line')
    },
  }
}

/** Stores all of the jobs in an order of its own, each batch until it is confirmed. */
async function storeAll(
  store: ResultStore,
  server: number,
  random: (below: number) => number,
): Promise<StoredOutcome[]> {
  const jobs = Array.from({ length: JOBS }, (_, job) => job)
  const outcomes: StoredOutcome[] = []
  while (jobs.length > 0) {
    const picked = Array.from({ length: Math.min(BATCH, jobs.length) }, () => jobs.splice(random(jobs.length), 1)[0]!)
    const batch = picked.map((job) =>
      pageOf(`o${job % ORDERS}`, Math.floor(job / ORDERS), `page ${job % 7}`, { attempt: server }),
    )
    for (let done = false; !done;) {
      const answer = await store.store(batch, T0 + server).catch((error: unknown) => {
        if (!(error instanceof Unavailable || error instanceof UnknownOutcome)) throw error
      })
      outcomes.push(...(answer ?? []))
      done = answer !== undefined
    }
  }
  return outcomes
}

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['results'])
  const open = resultBench(keyspace)

  it.each([1, 2])(
    'stores each job once when servers that fail at any step bring all of them, seed %d',
    async (seed) => {
      const reader = await (await open()).connect()
      const progress = { storing: true }
      const servers = [0, 1, 2].map(async (server) => {
        const random = randomFrom(seed * 100 + server)
        const store = new CassandraResultStore(keyspace.engine().withFaults(failing(random)))
        return storeAll(store, server, random)
      })
      const pruning = (async () => {
        while (progress.storing) await reader.prune(T0 + FORGOTTEN_SERVER + 1, 20)
      })()
      const seen: string[] = []
      const reading = (async () => {
        for (let after: string | undefined; ;) {
          const last = !progress.storing
          const entries = await reader.inbox('customer', { limit: 50, ...(after === undefined ? {} : { after }) })
          seen.push(...entries.map(({ run }) => run.jobId))
          after = entries.at(-1)?.cursor ?? after
          if (last && entries.length === 0) return
        }
      })()
      const outcomes = (await Promise.all(servers)).flat()
      progress.storing = false
      await Promise.all([pruning, reading])
      while ((await reader.prune(T0 + FORGOTTEN_SERVER + 1, 100)) > 0);

      const stored = outcomes.filter(({ kind }) => kind === 'stored').map(({ run }) => run.jobId)
      expect(new Set(stored).size).toBe(stored.length)
      expect(new Set(seen).size).toBe(seen.length)
      const orders = Array.from({ length: ORDERS }, (_, order) => `o${order}`)
      const totals = await reader.totals(orders)
      expect(totals.map(({ delivered, failed }) => ({ delivered, failed }))).toEqual(
        orders.map(() => ({ delivered: JOBS / ORDERS, failed: 0 })),
      )
      for (const orderId of orders) expect(await reader.unsettled(orderId, JOBS / ORDERS, 9)).toEqual([])
      const kept = await reader.inbox('customer', { limit: JOBS + 1 })
      expect(kept.length).toBeGreaterThan(0)
      expect(kept.filter(({ run }) => run.attempt === FORGOTTEN_SERVER)).toEqual([])
      for (const { run } of kept) {
        expect(seen).toContain(run.jobId)
        expect(await reader.run(run.jobId)).toEqual(run)
        const sha256 = run.outcome.kind === 'page' ? run.outcome.content.sha256 : ''
        expect(await reader.body('customer', sha256)).toBeDefined()
      }
    },
  )
})
