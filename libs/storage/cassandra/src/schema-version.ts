import { SchemaMismatch } from './cassandra-connection.ts'
import type { CassandraEngine } from './cassandra-engine.ts'
import { checksumOf, type SchemaFile } from './schema-files.ts'

/** A step that the keyspace has behind it. */
export interface AppliedStep {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

/** All rows of the schema's history lie in one partition. */
export const HISTORY = 'schema'

/** The steps applied so far, in order; undefined where no migrator has ever been. */
export async function appliedSteps(
  engine: CassandraEngine,
  keyspace: string,
): Promise<readonly AppliedStep[] | undefined> {
  const tables = await engine.read(
    `SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'schema_migration'`,
    keyspace,
  )
  if (tables.length === 0) return undefined
  return engine.read<AppliedStep>(
    `SELECT version, name, checksum FROM ${keyspace}.schema_migration WHERE part = ?`,
    HISTORY,
  )
}

/** Throws `SchemaMismatch` when a step is missing. A newer schema is welcome: upgrades migrate first, then change programs. */
export async function requireSchema(
  engine: CassandraEngine,
  keyspace: string,
  files: readonly SchemaFile[],
): Promise<void> {
  const applied = (await appliedSteps(engine, keyspace)) ?? []
  if (missingSteps(applied, files).length > 0) {
    throw new SchemaMismatch(
      `Keyspace ${keyspace} has schema version ${newestOf(applied)}, this program needs ${newestOf(files)}: run the migration`,
    )
  }
}

/** The steps still to be taken. Numbers may have gaps, and one may be filled late: each step stands for itself. */
export function missingSteps(applied: readonly AppliedStep[], files: readonly SchemaFile[]): readonly SchemaFile[] {
  const done = new Set(applied.map(({ version }) => version))
  return files.filter(({ version }) => !done.has(version))
}

/** The highest version of a list in order; 0 of an empty one. */
export function newestOf(steps: readonly { readonly version: number }[]): number {
  return steps.at(-1)?.version ?? 0
}

/** Throws `SchemaMismatch` unless the applied steps are among `files`, unedited. */
export function requireSameHistory(
  keyspace: string,
  applied: readonly AppliedStep[],
  files: readonly SchemaFile[],
): void {
  const newest = newestOf(applied)
  if (newest > newestOf(files)) {
    throw new SchemaMismatch(
      `Keyspace ${keyspace} has schema version ${newest}, this program knows versions up to ${newestOf(files)}: ` +
        'migrate with the newer version of Quarry that last used it',
    )
  }
  for (const step of applied) {
    const file = files.find(({ version }) => version === step.version)
    if (file === undefined) {
      throw new SchemaMismatch(
        `Keyspace ${keyspace} has the schema step ${step.name}, which this program does not know`,
      )
    }
    if (step.name === file.name && step.checksum === checksumOf(file)) continue
    throw new SchemaMismatch(
      `Schema file ${numbered(file)} is not the one that was applied to keyspace ${keyspace} ` +
        `(${step.name}, checksum ${step.checksum.slice(0, 12)}, now ${checksumOf(file).slice(0, 12)}): ` +
        'a released file is never edited; restore it and put the change into a new file',
    )
  }
}

/** As the file is called: `0002-ledger`. */
export function numbered({ version, name }: Pick<SchemaFile, 'version' | 'name'>): string {
  return `${String(version).padStart(4, '0')}-${name}`
}
