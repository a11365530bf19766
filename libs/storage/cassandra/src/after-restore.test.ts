import { onEngine } from '@quarry/engines-under-test'
import { pageOf, T0 } from '@quarry/storage-conformance'
import type { ResultStore } from '@quarry/storage-port'
import { beforeEach, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { resultBench } from '../test/result-bench.ts'
import { leaveAllSegments } from './after-restore.ts'

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['results'])
  const open = resultBench(keyspace)
  let connect: () => Promise<ResultStore>
  beforeEach(async () => {
    connect = (await open()).connect
  })
  const jobs = async (store: ResultStore, after?: string) => {
    const entries = await store.inbox('customer', { limit: 100, ...(after !== undefined && { after }) })
    return entries.map(({ run }) => run.rep)
  }
  const storeReps = async (store: ResultStore, ...reps: number[]) => {
    for (const rep of reps) await store.store([pageOf('o', rep, `page ${rep}`)], T0)
  }
  /** Of the tenth entry, which the restored inbox does not have. */
  const cursorFromAfterTheBackup = '0000000000000009'

  it('shows a client that knew more than the backup whatever comes after the restore, and all the rest to others', async () => {
    await storeReps(await connect(), 0, 1, 2)
    expect(await leaveAllSegments(keyspace.engine())).toBe(1)
    const restored = await connect()
    await storeReps(restored, 3, 4)
    expect(await jobs(restored, cursorFromAfterTheBackup)).toEqual([3, 4])
    expect(await jobs(restored)).toEqual([0, 1, 2, 3, 4])
    expect(await restored.totals(['o'])).toMatchObject([{ delivered: 5 }])
  })

  it('may be repeated, and finishes what a dead writer left halfway', async () => {
    await storeReps(await connect(), 0, 1)
    await keyspace.engine().write('TRUNCATE run')
    await leaveAllSegments(keyspace.engine())
    await leaveAllSegments(keyspace.engine())
    const restored = await connect()
    await storeReps(restored, 1, 2)
    expect(await jobs(restored, cursorFromAfterTheBackup)).toEqual([2])
    expect(await jobs(restored)).toEqual([0, 1, 2])
  })
})
