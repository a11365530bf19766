import {
  admitTestFetch,
  ok,
  TEST_FETCH_KEPT_MS,
  TEST_FETCH_LOST_MS,
  type Instant,
  type OrderId,
  type Result,
  type RunResult,
  type TestFetch,
  type TestFetchLimits,
  type TooManyTestFetches,
  type UserId,
} from '@quarry/domain'
import type { IncomingResult, StoredTestFetch, TestFetchStore } from '@quarry/storage-port'
import { createHash } from 'node:crypto'
import type { CassandraEngine } from './cassandra-engine.ts'
import { untilDecided } from './lost-races.ts'
import { inParallel } from './result-parallel.ts'

interface TestRow {
  readonly json: string | null
  readonly run: string | null
  readonly copy: string | null
}

interface QuotaRow {
  readonly ver: number
  readonly recent: string
}

type Recent = readonly { readonly id: OrderId; readonly createdAt: Instant }[]

const PART_BYTES = 256 * 1024
const PARTS_AT_ONCE = 4

/**
 * Test fetches. The customer's row of recent ones decides whether one gets in; the test's own row is written after it, and
 * again by whoever repeats the call, so that a death in between costs one of the allowed tests and nothing else.
 */
export class CassandraTestFetchStore implements TestFetchStore {
  readonly #engine: CassandraEngine

  constructor(engine: CassandraEngine) {
    this.#engine = engine
  }

  async admit(test: TestFetch, limits: TestFetchLimits): Promise<Result<TestFetch, TooManyTestFetches>> {
    const known = await this.find(test.id)
    if (known !== undefined) return ok(known.test)
    const admitted = await untilDecided('test fetches', () => this.#tryToAdmit(test, limits))
    if (!admitted.ok) return admitted
    const first = { ...test, createdAt: admitted.value }
    const { applied, rows } = await this.#engine.decide<TestRow>({
      query: 'INSERT INTO test_fetch (id, created_at, json) VALUES (?, ?, ?) IF NOT EXISTS',
      params: [test.id, first.createdAt, JSON.stringify(first)],
    })
    return ok(applied || !rows[0]?.json ? first : (JSON.parse(rows[0].json) as TestFetch))
  }

  async find(id: OrderId): Promise<StoredTestFetch | undefined> {
    const row = await this.#row(id)
    if (row === undefined || row.json === null) return undefined
    const test = JSON.parse(row.json) as TestFetch
    return row.run === null ? { test } : { test, run: JSON.parse(row.run) as RunResult }
  }

  async finish({ run, body }: IncomingResult): Promise<boolean> {
    const row = await this.#row(run.orderId)
    if (row === undefined || row.json === null || row.run !== null) return false
    const encoding = run.outcome.kind === 'page' ? run.outcome.content.encoding : 'identity'
    const copy = body === undefined ? undefined : await this.#writeBody(run.orderId, body, encoding)
    const { createdAt } = JSON.parse(row.json) as TestFetch
    const { applied } = await this.#engine.decide({
      query: 'UPDATE test_fetch SET run = ?, copy = ? WHERE id = ? IF run = null AND created_at = ?',
      params: [JSON.stringify(run), copy ?? null, run.orderId, createdAt],
    })
    return applied
  }

  async body(id: OrderId): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined> {
    const row = await this.#row(id)
    if (row === undefined || row.copy === null) return undefined
    const parts = await this.#engine.read<{ parts: number; encoding: 'zstd' | 'identity'; bytes: Buffer }>(
      'SELECT parts, encoding, bytes FROM test_fetch_body WHERE id = ? AND copy = ?',
      id,
      row.copy,
    )
    const [first] = parts
    if (first === undefined || parts.length < first.parts) return undefined
    return { bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), encoding: first.encoding }
  }

  /** The tables' own time to live does it. */
  forget(): Promise<number> {
    return Promise.resolve(0)
  }

  /** When the test counts as created, or the refusal; undefined when another call of the customer was faster. */
  async #tryToAdmit(
    test: TestFetch,
    limits: TestFetchLimits,
  ): Promise<Result<Instant, TooManyTestFetches> | undefined> {
    const { customerId, id, createdAt } = test
    const quota = await this.#quota(customerId)
    const earlier = quota?.recent.find((one) => one.id === id)
    if (earlier !== undefined) return ok(earlier.createdAt)
    const recent = (quota?.recent ?? []).filter((one) => one.createdAt > createdAt - TEST_FETCH_KEPT_MS)
    const admitted = admitTestFetch(await this.#withOpen(recent, createdAt), createdAt, limits)
    if (!admitted.ok) return admitted
    const next = JSON.stringify([...recent, { id, createdAt }])
    const { applied } = await this.#engine.decide(
      quota === undefined
        ? {
            query: 'INSERT INTO test_fetch_quota (customer_id, ver, recent) VALUES (?, 1, ?) IF NOT EXISTS',
            params: [customerId, next],
          }
        : {
            query: 'UPDATE test_fetch_quota SET ver = ?, recent = ? WHERE customer_id = ? IF ver = ?',
            params: [quota.ver + 1, next, customerId, quota.ver],
          },
    )
    return applied ? ok(createdAt) : undefined
  }

  async #quota(customerId: UserId): Promise<{ ver: number; recent: Recent } | undefined> {
    const [row] = await this.#engine.readSerial<QuotaRow>(
      'SELECT ver, recent FROM test_fetch_quota WHERE customer_id = ?',
      customerId,
    )
    return row && { ver: row.ver, recent: JSON.parse(row.recent) as Recent }
  }

  /** One that was let in and not yet written counts as open. */
  #withOpen(recent: Recent, now: Instant): Promise<{ createdAt: Instant; open: boolean }[]> {
    return Promise.all(
      recent.map(async ({ id, createdAt }) => ({
        createdAt,
        open: createdAt > now - TEST_FETCH_LOST_MS && ((await this.#row(id))?.run ?? null) === null,
      })),
    )
  }

  async #row(id: OrderId): Promise<TestRow | undefined> {
    const [row] = await this.#engine.readSerial<TestRow>('SELECT json, run, copy FROM test_fetch WHERE id = ?', id)
    return row
  }

  /** Returns the copy's name, which follows from its bytes: two writers of the same name write the same. */
  async #writeBody(id: OrderId, bytes: Uint8Array, encoding: 'zstd' | 'identity'): Promise<string> {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const copy = createHash('sha256').update(encoding).update(whole).digest('base64url')
    const parts = Math.max(1, Math.ceil(whole.length / PART_BYTES))
    await inParallel(
      Array.from({ length: parts }, (_, part) => part),
      PARTS_AT_ONCE,
      (part) =>
        this.#engine.write(
          'INSERT INTO test_fetch_body (id, copy, part, parts, encoding, bytes) VALUES (?, ?, ?, ?, ?, ?)',
          ...[id, copy, part, parts, encoding, whole.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)],
        ),
    )
    return copy
  }
}
