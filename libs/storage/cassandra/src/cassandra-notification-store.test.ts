import { onEngine } from '@quarry/engines-under-test'
import { notificationStoreSuite } from '@quarry/storage-conformance'
import { cassandraKeyspace } from '../test/cassandra-bench.ts'
import { CassandraNotificationStore } from './cassandra-notification-store.ts'

onEngine('cassandra', (address) => {
  const keyspace = cassandraKeyspace(address, ['notifications'])
  notificationStoreSuite(
    'Cassandra',
    keyspace.benchOf((engine) => new CassandraNotificationStore(engine)),
    { crashes: true },
  )
})
