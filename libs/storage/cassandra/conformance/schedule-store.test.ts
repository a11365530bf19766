import { onEngine } from '@quarry/engines-under-test'
import { scheduleStoreSuite } from '@quarry/storage-conformance'
import { CassandraScheduleStore } from '../src/cassandra-schedule-store.ts'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'

onEngine('cassandra', (address) => {
  const { benchOf } = cassandraKeyspace(address, ['schedule', 'bucket-horizon'])
  scheduleStoreSuite(
    'Cassandra',
    benchOf((engine) => new CassandraScheduleStore(engine)),
    { crashes: true },
  )
})
