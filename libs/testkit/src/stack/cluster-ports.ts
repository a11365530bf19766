import type { JobQueue } from '@quarry/messaging-port'
import type { ResultStore, ScheduleStore } from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'

/** The real engines as a test uses them beside the services: a keyspace of its own, and what the services need to share it. */
export interface ClusterPorts {
  /** For the services' environment. */
  readonly env: Readonly<Record<string, string>>
  readonly schedule: ScheduleStore
  readonly results: ResultStore
  readonly jobs: JobQueue
  /** Drops the keyspace. */
  close(): Promise<void>
}

/** Where the engines answer, as `onEngine` tells. */
export interface EngineAddresses {
  readonly cassandra: string
  readonly redis: string
  readonly rabbitmq: string
}

/** Opens the engines with a new, migrated keyspace. Redis's database is shared with other tests: use ids of your own. */
export async function openClusterPorts({ cassandra, redis, rabbitmq }: EngineAddresses): Promise<ClusterPorts> {
  // Imported only here, so that tests without engines do not load their drivers.
  const storage = await import('@quarry/storage-cassandra')
  const { openRedis } = await import('@quarry/messaging-redis')
  const keyspace = `test_${randomUUID().replaceAll('-', '')}`
  const address = { contactPoints: cassandra.split(','), localDataCenter: 'datacenter1', keyspace }
  await storage.migrate({ ...address, replication: storage.replicationOf('1')! })
  const engine = await storage.CassandraEngine.open(address)
  const queue = await openRedis(redis)
  return {
    env: {
      QUARRY_ENGINES: 'cluster',
      QUARRY_CASSANDRA: cassandra,
      QUARRY_CASSANDRA_KEYSPACE: keyspace,
      QUARRY_REDIS: redis,
      QUARRY_RABBITMQ: rabbitmq,
    },
    schedule: new storage.CassandraScheduleStore(engine),
    results: new storage.CassandraResultStore(engine),
    jobs: queue.jobs,
    async close() {
      await queue.close()
      await engine.define(`DROP KEYSPACE ${keyspace}`)
      await engine.close()
    },
  }
}
