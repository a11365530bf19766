import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import { policies, types, type Client } from 'cassandra-driver'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, DECISIONS, type CassandraAddress } from './cassandra-connection.ts'
import { translate, wasOutrun, type CallKind } from './cassandra-errors.ts'
import { schemaFiles } from './schema-files.ts'
import { requireSchema } from './schema-version.ts'

/** A CQL statement with its values, in the order of its question marks. */
export interface Statement {
  readonly query: string
  readonly params: readonly unknown[]
}

/** A row as the driver gives it; statements name their own shape. */
export type Row = Readonly<Record<string, unknown>>

/** What became of a conditional statement; `rows` are those of the refusal, in the batch's clustering order. */
export interface Verdict<R = Row> {
  readonly applied: boolean
  readonly rows: readonly R[]
}

/**
 * Where tests break things: `before` is called ahead of each request with its first words (`INSERT INTO run`), and with
 * `answer` after each write that was done and not yet told. What it throws happens there.
 */
export interface Faults {
  before(step: string): void
}

export interface CassandraOptions extends CassandraAddress {
  readonly keyspace: string
  readonly faults?: Faults
}

const { consistencies } = types
const PAGE_ROWS = 1_000
const MOST_OUTRUN = 30
const LONGEST_WAIT_MS = 100

/**
 * One connection pool to Cassandra. Reads and writes at LOCAL_QUORUM, so that a read sees every confirmed write;
 * conditions at LOCAL_SERIAL. A row that is ever written by a condition is never written plainly: Paxos and plain
 * timestamps do not order each other. Throws the port's `Unavailable` and `UnknownOutcome`.
 */
export class CassandraEngine {
  readonly #client: Client
  readonly #nodes: string
  readonly #faults: Faults | undefined

  private constructor(client: Client, nodes: string, faults: Faults | undefined) {
    this.#client = client
    this.#nodes = nodes
    this.#faults = faults
  }

  /**
   * Connects to a keyspace that has this program's schema, or a newer one. Throws `Unavailable` when no node answers,
   * `WrongCredentials`, and `SchemaMismatch` when the schema is older or there is no such keyspace.
   */
  static async open(options: CassandraOptions): Promise<CassandraEngine> {
    const engine = await CassandraEngine.connect(options)
    try {
      await requireSchema(engine, options.keyspace, schemaFiles)
      return engine
    } catch (error) {
      await engine.close()
      throw error
    }
  }

  /** As `open`, whatever the schema; without a keyspace, statements name theirs. For the migrator and for tests. */
  static async connect(
    options: CassandraAddress & Partial<Pick<CassandraOptions, 'keyspace' | 'faults'>>,
  ): Promise<CassandraEngine> {
    const nodes = `Cassandra at ${options.contactPoints.join(', ')}`
    return new CassandraEngine(await connect(options, options.keyspace), nodes, options.faults)
  }

  /** An engine on the same connections that breaks where `faults` says. For tests: it stands for another process. */
  withFaults(faults: Faults): CassandraEngine {
    return new CassandraEngine(this.#client, this.#nodes, faults)
  }

  /** Whether Cassandra can be used right now: a small read at LOCAL_QUORUM. Throws `Unavailable` when not. */
  async check(): Promise<void> {
    await this.read('SELECT version FROM schema_migration WHERE part = ? LIMIT 1', 'schema')
  }

  /** Every row that the query has; long answers are fetched page by page. */
  async read<R = Row>(query: string, ...params: readonly unknown[]): Promise<readonly R[]> {
    return this.#rows<R>(query, params, consistencies.localQuorum)
  }

  /** As `read`, but finishes what a conditional write left in mid-air: the answer after an `UnknownOutcome` is final. */
  async readSerial<R = Row>(query: string, ...params: readonly unknown[]): Promise<readonly R[]> {
    return this.#rows<R>(query, params, consistencies.localSerial)
  }

  /** A plain write; repeating it with the same values is safe, and one whose outcome is unknown is repeated once. */
  async write(query: string, ...params: readonly unknown[]): Promise<void> {
    await this.#call('write', query, () => twice(() => this.#client.execute(query, params as unknown[], once())))
  }

  /** Plain writes of one partition as one, atomically. */
  async writeTogether(statements: readonly Statement[]): Promise<void> {
    await this.#call('write', statements[0]!.query, () =>
      twice(() => this.#client.batch(batchOf(statements), { ...once(), logged: false })),
    )
  }

  /** Statements on one partition of which at least one has a condition: all are done, or none. Never repeated by itself. */
  async decide<R = Row>(...statements: readonly Statement[]): Promise<Verdict<R>> {
    const first = statements[0]!
    const result = await this.#call('write', first.query, () =>
      statements.length === 1
        ? this.#client.execute(first.query, first.params as unknown[], { ...once(), executionProfile: DECISIONS })
        : this.#client.batch(batchOf(statements), { ...once(), executionProfile: DECISIONS, logged: false }),
    )
    return { applied: result.wasApplied(), rows: result.wasApplied() ? [] : (result.rows as unknown as R[]) }
  }

  /** Changes the schema; answers once all live nodes agree on it. The statement must bear being repeated. */
  async define(query: string): Promise<void> {
    const result = await this.#call('write', query, () => this.#client.execute(query, [], { prepare: false }))
    // The driver's types do not know of it.
    const { isSchemaInAgreement } = result.info as { isSchemaInAgreement?: boolean }
    if (isSchemaInAgreement === false) throw new Unavailable('The nodes of Cassandra do not agree on the schema yet')
  }

  async close(): Promise<void> {
    await this.#client.shutdown()
  }

  async #rows<R>(query: string, params: readonly unknown[], consistency: types.consistencies): Promise<readonly R[]> {
    return this.#call('read', query, () =>
      untilNotOutrun(async () => {
        const rows: R[] = []
        const result = await this.#client.execute(query, params as unknown[], {
          consistency,
          isIdempotent: true,
          fetchSize: PAGE_ROWS,
          ...(consistency === consistencies.localSerial && { executionProfile: DECISIONS }),
        })
        for await (const row of result) rows.push(row as unknown as R)
        return rows
      }),
    )
  }

  async #call<T>(kind: CallKind, query: string, call: () => Promise<T>): Promise<T> {
    this.#faults?.before(firstWords(query))
    let answer: T
    try {
      answer = await call()
    } catch (error) {
      throw translate(error, kind, this.#nodes)
    }
    if (kind === 'write') this.#faults?.before('answer')
    return answer
  }
}

/** Reads again while rivals at the same partition cut in, after waits that grow by chance, so that they part. */
async function untilNotOutrun<T>(readOnce: () => Promise<T>): Promise<T> {
  for (let outrun = 1; ; outrun++) {
    try {
      return await readOnce()
    } catch (error) {
      if (!wasOutrun(error) || outrun === MOST_OUTRUN) throw error
      await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 4 * outrun))
    }
  }
}

/** The driver sends it once: of its own repetitions it would tell the last one's fate only, and hide that of the first. */
function once(): { isIdempotent: false; retry: policies.retry.RetryPolicy } {
  return { isIdempotent: false, retry: new policies.retry.FallthroughRetryPolicy() }
}

/** Repeats what may have been done; once it may have been, no later refusal makes that undone. */
async function twice<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if (!(translate(error, 'write') instanceof UnknownOutcome)) throw error
    return send().catch(() => {
      throw error
    })
  }
}

function batchOf(statements: readonly Statement[]): { query: string; params: unknown[] }[] {
  return statements.map(({ query, params }) => ({ query, params: [...params] }))
}

function firstWords(query: string): string {
  return query
    .trim()
    .split(/[\s(]+/, 3)
    .join(' ')
}
