import { onEngine } from '@quarry/engines-under-test'
import { operatorStoreSuite } from '@quarry/storage-conformance'
import { CassandraOperatorStore } from '../src/cassandra-operator-store.ts'
import { CassandraUserStore } from '../src/cassandra-user-store.ts'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, [
    'users',
    'credentials',
    'elsewhere',
    'operator',
    'device-grants-by-user',
  ])
  operatorStoreSuite(
    'Cassandra',
    benchOf((engine) => ({ operator: new CassandraOperatorStore(engine), users: new CassandraUserStore(engine) })),
    { crashes: true },
  )
})
