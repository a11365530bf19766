import { bucketOf, newEntry } from '@quarry/domain'
import { onEngine } from '@quarry/engines-under-test'
import { orderOf, T0 } from '@quarry/storage-conformance'
import { beforeEach, describe, expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { ScheduleRows, type StoredEntry } from './schedule-rows.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, ['schedule', 'bucket-horizon'])
  const open = benchOf((each) => new ScheduleRows(each))
  const bucket = bucketOf('a')
  const mine = { bucket, epoch: 1 }
  const entryOf = (id: string) => newEntry(orderOf(id))
  const neighbour = Array.from({ length: 20_000 }, (_, id) => String(id)).find((id) => bucketOf(id) === bucket)!
  let rows: ScheduleRows
  let stored: StoredEntry
  beforeEach(async () => {
    rows = await (await open()).connect()
    await rows.claim(bucket, 0, 'me')
    await rows.add(await rows.bucket(bucket), entryOf('a'))
    stored = (await rows.find('a'))!
  })

  /** What may happen between reading and writing. */
  const meanwhile = {
    'another claimed the bucket': () => rows.claim(bucket, 1, 'another'),
    'the watermark moved': () => rows.advance(mine, T0, 1),
    'another entry changed': async () => rows.add(await rows.bucket(bucket), entryOf(neighbour)),
    'the entry was answered': () => rows.settle(stored, { ...stored.entry, runNow: 5 }, mine),
    'the entry changed': () => rows.change(stored, { ...stored.entry, runNow: 7 }, 1),
    'the entry was closed': () => rows.settle(stored, { ...stored.entry, closed: true }, mine),
  }
  type Event = keyof typeof meanwhile
  const edited = { runNow: 9 }

  const writes: Record<string, { write: () => Promise<() => Promise<boolean>>; mindedBy: readonly Event[] }> = {
    'adding an entry': {
      write: async () => {
        const state = await rows.bucket(bucket)
        return () => rows.add(state, { ...entryOf('added'), order: { ...orderOf(neighbour), id: neighbour } })
      },
      mindedBy: ['the watermark moved', 'another entry changed', 'the entry changed'],
    },
    'changing an entry': {
      write: () => Promise.resolve(() => rows.change(stored, { ...stored.entry, ...edited }, 1)),
      mindedBy: ['another entry changed', 'the entry was answered', 'the entry changed', 'the entry was closed'],
    },
    'answering for an entry': {
      write: () => Promise.resolve(() => rows.settle(stored, { ...stored.entry, ...edited }, mine)),
      mindedBy: ['another claimed the bucket', 'the entry was answered', 'the entry changed', 'the entry was closed'],
    },
    'closing an entry': {
      write: () => Promise.resolve(() => rows.settle(stored, { ...stored.entry, closed: true }, mine)),
      mindedBy: ['another claimed the bucket', 'the entry was answered', 'the entry changed', 'the entry was closed'],
    },
    'moving the watermark': {
      write: () => Promise.resolve(() => rows.advance(mine, T0 + 1, 1)),
      mindedBy: ['another claimed the bucket', 'another entry changed', 'the entry changed'],
    },
  }

  describe.each(Object.entries(writes))('%s', (_, { write, mindedBy }) => {
    it.each(Object.keys(meanwhile) as Event[])('when %s since it was read', async (event) => {
      const now = await write()
      expect(await meanwhile[event]()).toBe(true)
      const before = [await rows.bucket(bucket), await rows.open(bucket), await rows.find('a')]
      expect(await now()).toBe(!mindedBy.includes(event))
      const after = [await rows.bucket(bucket), await rows.open(bucket), await rows.find('a')]
      if (mindedBy.includes(event)) expect(after).toEqual(before)
      else expect(after).not.toEqual(before)
    })
  })
})
