import { onEngine } from '@quarry/engines-under-test'
import { leaderLeaseSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraLeaderLease } from '../src/cassandra-leader-lease.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, [])
  leaderLeaseSuite(
    'Cassandra',
    benchOf((engine) => new CassandraLeaderLease(engine)),
    { crashes: true },
  )
})
