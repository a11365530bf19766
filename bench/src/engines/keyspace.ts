import { CassandraEngine, migrate, replicationOf } from '@quarry/storage-cassandra'

/** A migrated keyspace of one node, open for as long as `use` takes. */
export async function withKeyspace<T>(
  cassandra: string,
  use: (engine: CassandraEngine, keyspace: string) => Promise<T>,
): Promise<T> {
  const keyspace = 'bench'
  const address = { contactPoints: cassandra.split(','), localDataCenter: 'datacenter1', keyspace }
  const replication = replicationOf('1')
  if (replication === undefined) throw new Error('one node is no replication any more')
  await migrate({ ...address, replication })
  const engine = await CassandraEngine.open(address)
  try {
    return await use(engine, keyspace)
  } finally {
    await engine.close()
  }
}
