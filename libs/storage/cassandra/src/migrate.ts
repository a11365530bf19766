import { CassandraEngine } from './cassandra-engine.ts'
import type { CassandraAddress } from './cassandra-connection.ts'
import { holdMigration } from './migration-lease.ts'
import { bootstrapText, checksumOf, schemaFiles, statementsOf, type SchemaFile } from './schema-files.ts'
import { appliedSteps, HISTORY, missingSteps, newestOf, numbered, requireSameHistory } from './schema-version.ts'

export interface MigrateOptions extends CassandraAddress {
  readonly keyspace: string
  /** The CQL map that a new keyspace is created with; see `replicationOf`. An existing keyspace keeps its own. */
  readonly replication: string
  /** Told what happens, one line each. */
  readonly tell?: (line: string) => void
  /** The steps to take; the program's own unless a test says otherwise. */
  readonly files?: readonly SchemaFile[]
  /** A migrator whose lease stands still for so long is taken for dead. Default 15,000. */
  readonly takeOverAfterMs?: number
}

/** What `migrate` did; `from` equals `to` when there was nothing to do. */
export interface Migrated {
  readonly from: number
  readonly to: number
}

/**
 * Brings a keyspace's schema up to date, creating the keyspace first where there is none. Of several migrators one works
 * and the others wait for it. A crash leaves statements that the next one repeats. Throws `SchemaMismatch` when the
 * keyspace is newer than this program or was migrated by other files, `Unavailable` and `WrongCredentials`.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const keyspace = checkedName(options.keyspace)
  const files = options.files ?? schemaFiles
  const tell = options.tell ?? (() => undefined)
  await createKeyspace(options, keyspace, tell)
  const engine = await CassandraEngine.connect(options)
  try {
    const before = await appliedSteps(engine, keyspace)
    requireSameHistory(keyspace, before ?? [], files)
    if (before !== undefined && missingSteps(before, files).length === 0) {
      tell(`Keyspace ${keyspace} is up to date at schema version ${newestOf(files)}.`)
      return { from: newestOf(files), to: newestOf(files) }
    }
    for (const statement of statementsOf(bootstrapText)) await engine.define(statement)
    return await holdMigration(engine, { tell, takeOverAfterMs: options.takeOverAfterMs ?? 15_000 }, (stillHeld) =>
      applyMissing(engine, { keyspace, files, tell, stillHeld }),
    )
  } finally {
    await engine.close()
  }
}

/** `1` (SimpleStrategy, one data center, for development) or `dc1=3,dc2=3` (NetworkTopologyStrategy) as CQL; undefined when it is neither. */
export function replicationOf(text: string): string | undefined {
  if (/^[1-9]\d?$/.test(text)) return `{'class': 'SimpleStrategy', 'replication_factor': ${text}}`
  const centers = text.split(',').map((part) => /^\s*([\w.-]+)=([1-9]\d?)\s*$/.exec(part))
  const copies = centers.flatMap((match) => (match === null ? [] : [`'${match[1]}': ${match[2]}`]))
  if (copies.length < centers.length) return undefined
  return `{'class': 'NetworkTopologyStrategy', ${copies.join(', ')}}`
}

async function createKeyspace(options: MigrateOptions, keyspace: string, tell: (line: string) => void): Promise<void> {
  const { keyspace: _, ...address } = options
  const engine = await CassandraEngine.connect(address)
  try {
    const known = await engine.read(
      'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?',
      keyspace,
    )
    if (known.length > 0) return
    await engine.define(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${options.replication}`)
    tell(`Created keyspace ${keyspace} with replication ${options.replication}.`)
  } finally {
    await engine.close()
  }
}

interface Work {
  readonly keyspace: string
  readonly files: readonly SchemaFile[]
  readonly tell: (line: string) => void
  /** Throws when another migrator has taken over. */
  readonly stillHeld: () => void
}

async function applyMissing(engine: CassandraEngine, work: Work): Promise<Migrated> {
  const applied = (await appliedSteps(engine, work.keyspace)) ?? []
  requireSameHistory(work.keyspace, applied, work.files)
  for (const file of missingSteps(applied, work.files)) {
    const statements = statementsOf(file.text)
    for (const statement of statements) {
      work.stillHeld()
      await engine.define(statement)
    }
    work.stillHeld()
    await record(engine, file)
    work.tell(`Applied ${numbered(file)} (${statements.length} statements).`)
  }
  return { from: newestOf(applied), to: newestOf(work.files) }
}

async function record(engine: CassandraEngine, file: SchemaFile): Promise<void> {
  await engine.decide({
    query: `INSERT INTO schema_migration (part, version, name, checksum, applied_at) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`,
    params: [HISTORY, file.version, file.name, checksumOf(file), Date.now()],
  })
}

function checkedName(keyspace: string): string {
  if (/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) return keyspace
  throw new RangeError(
    `"${keyspace}" is no keyspace: a lower-case letter, then at most 47 letters, digits and underscores`,
  )
}
