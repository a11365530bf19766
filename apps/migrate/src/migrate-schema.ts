import { cassandraConfig, ConfigError, type Environment } from '@quarry/service-kit'
import {
  leaveOldCursors,
  migrate,
  SchemaMismatch,
  WrongCredentials,
  type CassandraAddress,
} from '@quarry/storage-cassandra'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { migrateConfig } from './migrate.config.ts'

interface Output {
  write(text: string): unknown
}

/**
 * Brings Cassandra's schema up to date and says what it did. Exit code 0 when the schema is up to date; 1 when Cassandra
 * does not answer or its schema is not one that this program may touch: nothing is half done that a repetition would not
 * finish; 2 when the settings are wrong.
 */
export async function migrateSchema(env: Environment, output: Output, problems: Output): Promise<number> {
  try {
    const address = addressIn(env)
    const { keyspace } = address
    const { replication } = migrateConfig.read(env)
    const { from, to } = await migrate({ ...address, replication, tell: (line) => output.write(`${line}\n`) })
    if (from < to) output.write(`Keyspace ${keyspace} went from schema version ${from} to ${to}.\n`)
    return 0
  } catch (error) {
    return told(error, problems)
  }
}

/**
 * Makes data from a backup ready for services, none of which may run yet: brings their schema up to date, and lets each
 * inbox go on behind every cursor that was given after the backup. Exit codes as of `migrateSchema`; may be repeated.
 */
export async function readyRestored(env: Environment, output: Output, problems: Output): Promise<number> {
  const code = await migrateSchema(env, output, problems)
  if (code !== 0) return code
  try {
    const inboxes = await leaveOldCursors(addressIn(env))
    output.write(`${inboxes} inboxes go on behind every cursor that was given.\n`)
    return 0
  } catch (error) {
    return told(error, problems)
  }
}

function addressIn(env: Environment): CassandraAddress & { keyspace: string } {
  const { nodes, keyspace, dataCenter, user, password } = cassandraConfig.read(env)
  return {
    contactPoints: nodes,
    keyspace,
    localDataCenter: dataCenter,
    ...(user !== undefined && password !== undefined && { credentials: { username: user, password } }),
  }
}

function told(error: unknown, problems: Output): number {
  const code = exitCodeOf(error)
  if (code === undefined) throw error
  problems.write(`${(error as Error).message}\n`)
  return code
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof ConfigError || error instanceof WrongCredentials) return 2
  const known = [Unavailable, UnknownOutcome, SchemaMismatch].some((kind) => error instanceof kind)
  return known ? 1 : undefined
}
