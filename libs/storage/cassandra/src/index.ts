export { CassandraEngine } from './cassandra-engine.ts'
export type { CassandraOptions } from './cassandra-engine.ts'
