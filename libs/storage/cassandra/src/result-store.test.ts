import { onEngine } from '@quarry/engines-under-test'
import { failedRun, pageOf, shaOf, T0 } from '@quarry/storage-conformance'
import type { ResultStore } from '@quarry/storage-port'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { resultBench } from '../test/result-bench.ts'
import { CassandraResultStore } from './cassandra-result-store.ts'
import { ResultLog } from './result-log.ts'
import { ResultRuns } from './result-runs.ts'

const MB = 1024 * 1024

onEngine('cassandra', (address) => {
  describe('CassandraResultStore', () => {
    const keyspace = cassandraKeyspace(address, ['results'])
    const open = resultBench(keyspace)
    let store: ResultStore
    let other: ResultStore
    beforeEach(async () => {
      const bench = await open()
      store = await bench.connect()
      other = await bench.connect()
    })
    const engine = () => keyspace.engine()
    const bodyRows = async () => (await engine().read('SELECT copy FROM body')).length

    it('keeps 10 MiB in parts, and shows no body of which one is missing', async () => {
      const bytes = randomBytes(10 * MB)
      await store.store([{ ...pageOf('o', 0, 'big'), body: bytes }], T0)
      expect(await bodyRows()).toBe(40)
      expect(Buffer.compare((await other.body('customer', shaOf('big')))!.bytes, bytes)).toBe(0)
      const { copy } = (await engine().read<{ copy: string }>('SELECT copy FROM body LIMIT 1'))[0]!
      await engine().write(
        'DELETE FROM body WHERE customer_id = ? AND sha256 = ? AND copy = ? AND part = 7',
        'customer',
        shaOf('big'),
        copy,
      )
      expect(await other.body('customer', shaOf('big'))).toBeUndefined()
    })

    it('never mixes two encodings of one page', async () => {
      const copies = [randomBytes(600_000), randomBytes(700_000)]
      await Promise.all([
        store.store([{ ...pageOf('o', 0, 'same'), body: copies[0]! }], T0),
        other.store([{ ...pageOf('o', 1, 'same'), body: copies[1]! }], T0),
      ])
      const { bytes } = (await store.body('customer', shaOf('same')))!
      expect(copies.some((copy) => Buffer.compare(copy, bytes) === 0)).toBe(true)
    })

    it('writes the bytes of an unchanged page once, until a pruning', async () => {
      let writes = 0
      const counting = new CassandraResultStore(
        engine().withFaults({ before: (step) => void (writes += step === 'INSERT INTO body' ? 1 : 0) }),
      )
      for (let rep = 0; rep < 5; rep++) await counting.store([pageOf('o', rep, 'same')], T0)
      expect(writes).toBe(1)
      expect(await counting.prune(T0 + 1, 3)).toBe(3)
      await counting.store([pageOf('o', 5, 'same')], T0)
      expect(await counting.body('customer', shaOf('same'))).toBeDefined()
    })

    it('forgets the body of a result that came second', async () => {
      const dying = new CassandraResultStore(
        engine().withFaults({
          before: (step) => {
            if (step === 'UPDATE inbox SET') throw new Error('died')
          },
        }),
      )
      await expect(dying.store([pageOf('o', 0, 'second')], T0)).rejects.toThrow('died')
      await store.store([pageOf('o', 0, 'first')], T0)
      expect(await bodyRows()).toBe(2)
      expect(await other.store([pageOf('o', 0, 'second')], T0)).toMatchObject([{ kind: 'known' }])
      expect(await store.prune(T0 + 1, 100)).toBe(1)
      expect(await bodyRows()).toBe(0)
      expect(await engine().read('SELECT * FROM orphan_body')).toEqual([])
    })

    it('stays as it was forgotten when a writer that was believed dead comes late', async () => {
      await store.store([pageOf('o', 0, 'x'), pageOf('o', 1, 'y')], T0)
      const entries = await new ResultLog(engine(), 'customer').entries(0, { from: 0, below: 2 })
      expect(await store.prune(T0 + 1, 100)).toBe(2)
      await new ResultRuns(engine()).apply('customer', entries)
      expect(await other.run('o:0')).toBeUndefined()
      expect((await other.runsOf('o', { limit: 9 })).items).toEqual([])
      expect(await other.totals(['o'])).toEqual([{ delivered: 2, failed: 0 }])
    })

    it('finds that nothing is missing in a few reads, however many runs there are', async () => {
      const runs = Array.from({ length: 1_200 }, (_, rep) => ({ run: failedRun('o', rep) }))
      await store.store(runs, T0)
      const rows = await engine().read<{ low: number }>('SELECT low FROM run_order WHERE order_id = ? LIMIT 1', 'o')
      expect(rows[0]!.low).toBeGreaterThan(1_200 - 33)
      let reads = 0
      const counting = new CassandraResultStore(engine().withFaults({ before: () => (reads += 1) }))
      expect(await counting.unsettled('o', 1_200, 10)).toEqual([])
      expect(reads).toBeLessThanOrEqual(3)
    })

    it('leaves of an order nothing but its counts', async () => {
      const runs = Array.from({ length: 1_024 }, (_, rep) => ({ run: failedRun('o', rep) }))
      await store.store(runs, T0)
      while ((await store.prune(T0 + 1, 300)) > 0);
      expect(await engine().read('SELECT rep FROM run')).toEqual([])
      expect(await engine().read('SELECT n FROM inbox WHERE n >= 0 ALLOW FILTERING')).toEqual([])
      expect(await engine().read('SELECT * FROM inbox_by_day')).toEqual([])
      expect(await store.totals(['o'])).toEqual([{ delivered: 0, failed: 1_024 }])
      expect(await store.unsettled('o', 1_025, 5)).toEqual([1_024])
    })

    it('shows by order what a dead writer had appended only, once its results are stored again', async () => {
      const bench = await open()
      const [victim, heir] = await Promise.all([bench.connect(), bench.connect()])
      const batch = [pageOf('o', 0, 'x'), pageOf('p', 0, 'y')]
      bench.crashes!.loseAnswer(victim)
      await expect(victim.store(batch, T0)).rejects.toThrow()
      expect(await heir.totals(['o', 'p'])).toMatchObject([{ delivered: 0 }, { delivered: 0 }])
      expect(await heir.run('p:0')).toEqual(batch[1]!.run)
      await heir.store([pageOf('q', 0, 'z')], T0)
      expect(await heir.totals(['o', 'p', 'q'])).toMatchObject([{ delivered: 1 }, { delivered: 1 }, { delivered: 1 }])
    })

    it('counts what a dead writer had appended only, when it is forgotten first', async () => {
      const bench = await open()
      const [victim, heir] = await Promise.all([bench.connect(), bench.connect()])
      bench.crashes!.loseAnswer(victim)
      await expect(victim.store([pageOf('o', 0, 'x'), pageOf('o', 1, 'y')], T0)).rejects.toThrow()
      expect(await heir.prune(T0 + 1, 100)).toBe(2)
      expect(await heir.unsettled('o', 3, 9)).toEqual([2])
      expect(await heir.totals(['o'])).toEqual([{ delivered: 2, failed: 0 }])
      expect(await heir.run('o:1')).toBeUndefined()
      expect(await heir.store([pageOf('o', 1, 'y')], T0)).toMatchObject([{ kind: 'known' }])
    })
  })
})
