import { onEngine } from '@quarry/engines-under-test'
import { testFetchStoreSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraTestFetchStore } from './cassandra-test-fetch-store.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, ['test-fetches'])
  testFetchStoreSuite(
    'Cassandra',
    benchOf((engine) => new CassandraTestFetchStore(engine)),
    { crashes: true },
  )
})
