import { onEngine } from '@quarry/engines-under-test'
import { resultStoreSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { resultBench } from '../test/result-bench.ts'

onEngine('cassandra', (address) => {
  resultStoreSuite('Cassandra', resultBench(cassandraKeyspace(address, ['results'])), { crashes: true })
})
