import { onEngine } from '@quarry/engines-under-test'
import { userStoreSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { userBench } from '../test/user-bench.ts'

onEngine('cassandra', (address) => {
  userStoreSuite('Cassandra', userBench(cassandraKeyspace(address, ['users', 'credentials'])), { crashes: true })
})
