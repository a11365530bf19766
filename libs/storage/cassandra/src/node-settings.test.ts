import { onEngine } from '@quarry/engines-under-test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'

const options = readFileSync(join(import.meta.dirname, '../../../../deploy/cassandra.options'), 'utf8')
const needed = [...options.matchAll(/^-Dcassandra\.settings\.(\w+)=(\S+)$/gm)].map(([, name, value]) => [name!, value!])

/** Without the first, coins could be lost with a machine; no other test would notice that either is gone. */
it('the options ask for writes on disk before they are acknowledged, and for Paxos v2', () => {
  expect(needed).toContainEqual(['commitlog_sync', 'batch'])
  expect(needed).toContainEqual(['paxos_variant', 'v2'])
})

onEngine('cassandra', (address) => {
  const { engine } = cassandraKeyspace(address, [])

  it.each(needed)('the node works by deploy/cassandra.options: %s is %s', async (name, value) => {
    const rows = await engine().read('SELECT value FROM system_views.settings WHERE name = ?', name)
    expect(rows).toMatchObject([{ value }])
  })
})
