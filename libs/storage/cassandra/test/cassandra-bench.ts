import type { StoreBench } from '@quarry/storage-conformance'
import { UnknownOutcome } from '@quarry/storage-port'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { CassandraEngine, type Faults } from '../src/cassandra-engine.ts'
import { bootstrapText, schemaFiles, statementsOf } from '../src/schema-files.ts'

/** Clients take turns on so many connections. */
const CONNECTIONS = 4
/** Emptying a table by its partitions beats TRUNCATE, which takes 100 ms, up to about so many. */
const MOST_DELETES = 200

/** One client's process: it dies at a step of its engine and stays dead, or loses one answer. */
class Mortal implements Faults {
  stepsLeft = Infinity
  losesAnswer = false
  dead = false

  before(step: string): void {
    if (this.stepsLeft-- <= 0) this.dead = true
    if (this.dead) throw new Error(`died at ${step}`)
    if (step === 'answer' && this.losesAnswer) {
      this.losesAnswer = false
      throw new UnknownOutcome('the line broke')
    }
  }
}

export function addressOf(address: string) {
  return { contactPoints: address.split(','), localDataCenter: 'datacenter1' }
}

export function freshKeyspace(): string {
  return `test_${randomBytes(8).toString('hex')}`
}

/**
 * A keyspace of its own for the test file that calls this, with the tables of the schema files named, dropped at the end.
 * `benchOf` gives the suites an empty store for each test, whose clients are engines of their own.
 */
export function cassandraKeyspace(address: string, files: readonly string[]) {
  const keyspace = freshKeyspace()
  const engines: CassandraEngine[] = []
  let tables: readonly Table[] = []

  beforeAll(async () => {
    await createKeyspace(address, keyspace, files)
    for (let index = 0; index < CONNECTIONS; index++)
      engines.push(await CassandraEngine.connect({ ...addressOf(address), keyspace }))
    tables = await tablesOf(engines[0]!, keyspace)
  })
  afterAll(async () => {
    await engines[0]?.define(`DROP KEYSPACE IF EXISTS ${keyspace}`)
    await Promise.all(engines.map((engine) => engine.close()))
  })

  return {
    keyspace,
    engine: () => engines[0]!,
    benchOf<S extends object>(create: (engine: CassandraEngine) => S): () => Promise<StoreBench<S>> {
      return async () => {
        await Promise.all(tables.map((table) => empty(engines[0]!, table)))
        const mortals = new Map<S, Mortal>()
        return {
          connect: () => {
            const faults = new Mortal()
            const store = create(engines[mortals.size % CONNECTIONS]!.withFaults(faults))
            mortals.set(store, faults)
            return Promise.resolve(store)
          },
          crashes: {
            dieAt: (client, step) => void (mortals.get(client)!.stepsLeft = step),
            isDead: (client) => mortals.get(client)!.dead,
            loseAnswer: (client) => void (mortals.get(client)!.losesAnswer = true),
          },
          close: () => Promise.resolve(),
        }
      }
    },
  }
}

/** Nothing of it need survive the engine, so nothing is written to its commit log. */
async function createKeyspace(address: string, keyspace: string, files: readonly string[]): Promise<void> {
  const engine = await CassandraEngine.connect(addressOf(address))
  await engine.define(
    `CREATE KEYSPACE ${keyspace} WITH durable_writes = false
     AND replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  )
  await engine.close()
  const inside = await CassandraEngine.connect({ ...addressOf(address), keyspace })
  const texts = schemaFiles.filter(({ name }) => files.includes(name)).map(({ text }) => text)
  if (texts.length !== files.length) throw new Error(`No such schema file among ${files.join(', ')}`)
  for (const statement of [bootstrapText, ...texts].flatMap(statementsOf)) await inside.define(statement)
  await inside.close()
}

interface Table {
  readonly name: string
  readonly partitionKey: readonly string[]
  /** Of counters, which take no timestamp and, once deleted, may not be counted anew. */
  readonly counts: boolean
}

interface Column {
  readonly table_name: string
  readonly column_name: string
  readonly kind: string
  readonly position: number
  readonly type: string
}

async function tablesOf(engine: CassandraEngine, keyspace: string): Promise<Table[]> {
  const columns = await engine.read<Column>(
    'SELECT table_name, column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = ?',
    keyspace,
  )
  const byTable = Map.groupBy(columns, (column) => column.table_name)
  return [...byTable].map(([name, all]) => ({
    name,
    partitionKey: all
      .filter(({ kind }) => kind === 'partition_key')
      .sort((a, b) => a.position - b.position)
      .map((key) => key.column_name),
    counts: all.some(({ type }) => type === 'counter'),
  }))
}

async function empty(engine: CassandraEngine, { name, partitionKey, counts }: Table): Promise<void> {
  const partitions = await engine.read<Record<string, unknown>>(
    `SELECT DISTINCT ${partitionKey.join(', ')} FROM ${name}`,
  )
  if (partitions.length === 0) return
  if (counts || partitions.length > MOST_DELETES) {
    await engine.define(`TRUNCATE ${name}`)
    return
  }
  // Paxos takes its timestamps from the server's clock: the deletion must lie after all of them, and before the next.
  const atMs = Date.now() + 1
  const where = partitionKey.map((column) => `${column} = ?`).join(' AND ')
  await Promise.all(
    partitions.map((partition) =>
      engine.write(
        `DELETE FROM ${name} USING TIMESTAMP ${atMs}999 WHERE ${where}`,
        ...partitionKey.map((column) => partition[column]),
      ),
    ),
  )
  while (Date.now() <= atMs + 1) await sleep(1)
}
