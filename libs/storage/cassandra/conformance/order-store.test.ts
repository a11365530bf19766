import { onEngine } from '@quarry/engines-under-test'
import { orderStoreSuite } from '@quarry/storage-conformance'
import { CassandraOrderStore } from '../src/cassandra-order-store.ts'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, ['orders', 'operator', 'order-labels'])
  orderStoreSuite(
    'Cassandra',
    benchOf((engine) => new CassandraOrderStore(engine)),
    { crashes: true },
  )
})
