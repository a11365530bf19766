import {
  admitTestFetch,
  ok,
  TEST_FETCH_KEPT_MS,
  type Instant,
  type OrderId,
  type Result,
  type RunResult,
  type TestFetch,
  type TestFetchLimits,
  type TooManyTestFetches,
} from '@quarry/domain'
import type { IncomingResult, StoredTestFetch, TestFetchStore } from '@quarry/storage-port'
import type { SqliteEngine } from './sqlite-engine.ts'

interface TestRow {
  readonly json: string
  readonly run: string | null
}

/** Test fetches, one row each; the one writing transaction there is makes the limits hold. */
export class SqliteTestFetchStore implements TestFetchStore {
  readonly #engine: SqliteEngine

  constructor(engine: SqliteEngine) {
    this.#engine = engine
  }

  admit(test: TestFetch, limits: TestFetchLimits): Promise<Result<TestFetch, TooManyTestFetches>> {
    return this.#engine.write((db) => {
      const known = this.#find(test.id)
      if (known !== undefined) return ok(known.test)
      const earlier = db
        .prepare<{ created_at: number; open: number }>(
          'SELECT created_at, run IS NULL AS open FROM test_fetch WHERE customer_id = ? AND created_at > ?',
        )
        .all(test.customerId, test.createdAt - TEST_FETCH_KEPT_MS)
        .map((row) => ({ createdAt: row.created_at, open: row.open === 1 }))
      const admitted = admitTestFetch(earlier, test.createdAt, limits)
      if (!admitted.ok) return admitted
      db.prepare('INSERT INTO test_fetch (id, customer_id, created_at, json) VALUES (?, ?, ?, ?)').run(
        test.id,
        test.customerId,
        test.createdAt,
        JSON.stringify(test),
      )
      return ok(test)
    })
  }

  find(id: OrderId): Promise<StoredTestFetch | undefined> {
    return this.#engine.read(() => this.#find(id))
  }

  finish({ run, body }: IncomingResult): Promise<boolean> {
    const encoding = run.outcome.kind === 'page' ? run.outcome.content.encoding : 'identity'
    return this.#engine.write((db) => {
      const { changes } = db
        .prepare('UPDATE test_fetch SET run = ?, zstd = ?, body = ? WHERE id = ? AND run IS NULL')
        .run(JSON.stringify(run), encoding === 'zstd' ? 1 : 0, body ?? null, run.orderId)
      return changes === 1
    })
  }

  body(id: OrderId): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined> {
    return this.#engine.read((db) => {
      const row = db
        .prepare<{ zstd: number; body: Uint8Array }>(
          'SELECT zstd, body FROM test_fetch WHERE id = ? AND body IS NOT NULL',
        )
        .get(id)
      return row && { bytes: row.body, encoding: row.zstd === 1 ? 'zstd' : 'identity' }
    })
  }

  forget(before: Instant, limit: number): Promise<number> {
    return this.#engine.write(
      (db) =>
        db
          .prepare(
            `DELETE FROM test_fetch WHERE id IN (SELECT id FROM test_fetch WHERE created_at < ? ORDER BY created_at LIMIT ?)`,
          )
          .run(before, limit).changes,
    )
  }

  #find(id: OrderId): StoredTestFetch | undefined {
    const row = this.#engine.prepare<TestRow>('SELECT json, run FROM test_fetch WHERE id = ?').get(id)
    if (row === undefined) return undefined
    const test = JSON.parse(row.json) as TestFetch
    return row.run === null ? { test } : { test, run: JSON.parse(row.run) as RunResult }
  }
}
