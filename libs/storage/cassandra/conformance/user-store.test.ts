import { onEngine } from '@quarry/engines-under-test'
import { userStoreSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { userBench } from '../test/user-bench.ts'

onEngine('cassandra', (address) => {
  const tables = ['users', 'credentials', 'elsewhere', 'operator', 'device-grants-by-user']
  userStoreSuite('Cassandra', userBench(cassandraKeyspace(address, tables)), { crashes: true })
})
