import { Client, policies, types } from 'cassandra-driver'
import { translate, type CallKind } from './cassandra-errors.ts'

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

export interface CassandraOptions {
  /** `host:port` of some nodes. */
  readonly contactPoints: readonly string[]
  readonly keyspace: string
  readonly localDataCenter: string
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly faults?: Faults
}

const { consistencies } = types

/**
 * One connection pool to Cassandra. Reads and writes at LOCAL_QUORUM, so that a read sees every confirmed write;
 * conditions at LOCAL_SERIAL. A row that is ever written by a condition is never written plainly: Paxos and plain
 * timestamps do not order each other. Throws the port's `Unavailable` and `UnknownOutcome`.
 */
export class CassandraEngine {
  readonly #client: Client
  readonly #faults: Faults | undefined

  private constructor(client: Client, faults: Faults | undefined) {
    this.#client = client
    this.#faults = faults
  }

  /** Connects; throws `Unavailable` when no node answers. */
  static async open(options: CassandraOptions): Promise<CassandraEngine> {
    const client = new Client({
      contactPoints: [...options.contactPoints],
      localDataCenter: options.localDataCenter,
      keyspace: options.keyspace,
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
      encoding: { useUndefinedAsUnset: true, copyBuffer: true },
      queryOptions: {
        prepare: true,
        consistency: consistencies.localQuorum,
        serialConsistency: consistencies.localSerial,
      },
      pooling: { maxRequestsPerConnection: 4096 },
      socketOptions: { readTimeout: 15_000 },
    })
    try {
      await client.connect()
    } catch (error) {
      await client.shutdown()
      throw translate(error, 'read')
    }
    return new CassandraEngine(client, options.faults)
  }

  /** Every row that the query has; long answers are fetched page by page. */
  async read<R = Row>(query: string, ...params: readonly unknown[]): Promise<readonly R[]> {
    return this.#rows<R>(query, params, consistencies.localQuorum)
  }

  /** As `read`, but finishes what a conditional write left in mid-air: the answer after an `UnknownOutcome` is final. */
  async readSerial<R = Row>(query: string, ...params: readonly unknown[]): Promise<readonly R[]> {
    return this.#rows<R>(query, params, consistencies.localSerial)
  }

  /** A plain write; repeating it with the same values is safe, so the driver may. */
  async write(query: string, ...params: readonly unknown[]): Promise<void> {
    await this.#call('write', query, () => this.#client.execute(query, params as unknown[], { isIdempotent: true }))
  }

  /** Plain writes of one partition as one, atomically. */
  async writeTogether(statements: readonly Statement[]): Promise<void> {
    await this.#call('write', statements[0]!.query, () =>
      this.#client.batch(batchOf(statements), { logged: false, isIdempotent: true }),
    )
  }

  /** Statements on one partition of which at least one has a condition: all are done, or none. Never repeated by itself. */
  async decide<R = Row>(...statements: readonly Statement[]): Promise<Verdict<R>> {
    const [first] = statements
    const options = { isIdempotent: false, retry: new policies.retry.FallthroughRetryPolicy() }
    const result = await this.#call('write', first!.query, () =>
      statements.length === 1
        ? this.#client.execute(first!.query, first!.params as unknown[], options)
        : this.#client.batch(batchOf(statements), { ...options, logged: false }),
    )
    return { applied: result.wasApplied(), rows: result.wasApplied() ? [] : (result.rows as unknown as R[]) }
  }

  async close(): Promise<void> {
    await this.#client.shutdown()
  }

  async #rows<R>(query: string, params: readonly unknown[], consistency: types.consistencies): Promise<readonly R[]> {
    return this.#call('read', query, async () => {
      const rows: R[] = []
      const result = await this.#client.execute(query, params as unknown[], {
        consistency,
        isIdempotent: true,
        fetchSize: 1_000,
      })
      for await (const row of result) rows.push(row as unknown as R)
      return rows
    })
  }

  async #call<T>(kind: CallKind, query: string, call: () => Promise<T>): Promise<T> {
    this.#faults?.before(firstWords(query))
    let answer: T
    try {
      answer = await call()
    } catch (error) {
      throw translate(error, kind)
    }
    if (kind === 'write') this.#faults?.before('answer')
    return answer
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
