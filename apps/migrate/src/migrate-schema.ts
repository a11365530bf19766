import { cassandraConfig, ConfigError, type Environment } from '@quarry/service-kit'
import { migrate, SchemaMismatch, WrongCredentials } from '@quarry/storage-cassandra'
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
    const { nodes, keyspace, dataCenter, user, password } = cassandraConfig.read(env)
    const { replication } = migrateConfig.read(env)
    const { from, to } = await migrate({
      contactPoints: nodes,
      keyspace,
      localDataCenter: dataCenter,
      replication,
      ...(user !== undefined && password !== undefined && { credentials: { username: user, password } }),
      tell: (line) => output.write(`${line}\n`),
    })
    if (from < to) output.write(`Keyspace ${keyspace} went from schema version ${from} to ${to}.\n`)
    return 0
  } catch (error) {
    const code = exitCodeOf(error)
    if (code === undefined) throw error
    problems.write(`${(error as Error).message}\n`)
    return code
  }
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof ConfigError || error instanceof WrongCredentials) return 2
  const known = [Unavailable, UnknownOutcome, SchemaMismatch].some((kind) => error instanceof kind)
  return known ? 1 : undefined
}
