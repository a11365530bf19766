import { onEngine } from '@quarry/engines-under-test'
import { bucketOf, newEntry } from '@quarry/domain'
import { orderOf, T0 } from '@quarry/storage-conformance'
import { expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraScheduleStore } from './cassandra-schedule-store.ts'

onEngine('cassandra', (address) => {
  const { benchOf, engine } = cassandraKeyspace(address, ['schedule', 'bucket-horizon'])
  const open = benchOf((each) => new CassandraScheduleStore(each))
  const bucket = bucketOf('a')

  const rowsOf = async (part: string) =>
    (
      await engine().read<{ key: string }>(
        'SELECT key FROM schedule_bucket WHERE bucket = ? AND part = ?',
        bucket,
        part,
      )
    ).length

  it('keeps one row of change for an entry, and none of its own in the bucket once it is closed', async () => {
    const store = await (await open()).connect()
    await store.claim(bucket, 0, 'me')
    const mine = { bucket, epoch: 1 }
    await store.activate(newEntry(orderOf('a')), T0)
    for (let round = 0; round < 3; round++) {
      await store.request('a', { kind: 'pause' })
      await store.answer(mine, 'a', { kind: 'stopped', firstSkipped: round })
      await store.request('a', { kind: 'resume', now: T0 })
    }
    expect(await store.bucket(bucket)).toMatchObject({ changes: 7 })
    expect([await rowsOf('entry'), await rowsOf('change')]).toEqual([1, 1])
    await store.answer(mine, 'a', { kind: 'emitted-all' })
    await store.answer(mine, 'a', { kind: 'settled' })
    expect([await rowsOf('entry'), await rowsOf('change')]).toEqual([0, 1])
    const closed = await store.find('a')
    expect(closed).toMatchObject({ closed: true })
    expect(await store.entriesChangedSince(bucket, 0)).toEqual({ changes: 7, entries: [closed] })
    expect(await store.activate(newEntry(orderOf('a')), T0)).toEqual(closed)
    expect(await store.request('a', { kind: 'pause' })).toMatchObject({ ok: false, error: { kind: 'wrong-state' } })
  })

  it('counts an entry as open until it has left its bucket, whatever its copy says', async () => {
    const bench = await open()
    const store = await bench.connect()
    await store.claim(bucket, 0, 'me')
    await store.activate(newEntry(orderOf('a')), T0)
    await store.answer({ bucket, epoch: 1 }, 'a', { kind: 'emitted-all' })
    await engine().write(
      "INSERT INTO closed_schedule_entry (order_id, json) VALUES ('a', 'a copy that does not count')",
    )
    expect(await store.find('a')).toMatchObject({ state: 'finished', closed: false })
    expect(await store.answer({ bucket, epoch: 1 }, 'a', { kind: 'settled' })).toMatchObject({ ok: true })
    expect(await store.find('a')).toMatchObject({ state: 'finished', closed: true })
  })

  it('lets many owners, customers and clocks meet in one bucket and loses nothing', async () => {
    const bench = await open()
    const clients = await Promise.all([1, 2, 3].map(() => bench.connect()))
    const same = Array.from({ length: 20_000 }, (_, id) => String(id))
      .filter((id) => bucketOf(id) === bucket)
      .slice(0, 12)
    await Promise.all([
      ...same.map((id, index) => clients[index % 3]!.activate(newEntry(orderOf(id)), T0)),
      ...clients.map((client) => client.claim(bucket, 0, 'me')),
    ])
    const wished = await Promise.all(
      same.flatMap((id) => clients.slice(0, 2).map((client) => client.request(id, { kind: 'run-now' }))),
    )
    expect(wished.every(({ ok }) => ok)).toBe(true)
    const { changes, entries } = await clients[0]!.entries(bucket)
    expect(changes).toBe(36)
    expect(entries.map(({ order, runNow }) => [order.id, runNow]).sort()).toEqual(same.map((id) => [id, 2]).sort())
    expect((await clients[1]!.entriesChangedSince(bucket, 12)).entries).toHaveLength(12)
    expect(await clients[2]!.bucket(bucket)).toMatchObject({ epoch: 1 })
  })
})
