import { onEngine } from '@quarry/engines-under-test'
import { peopleStoreSuite } from '@quarry/storage-conformance'
import { CassandraPeopleStore } from '../src/cassandra-people-store.ts'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, ['people'])
  peopleStoreSuite(
    'Cassandra',
    benchOf((engine) => new CassandraPeopleStore(engine)),
    { crashes: true },
  )
})
