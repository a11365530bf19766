import type {
  Instant,
  OrderId,
  Result,
  RunResult,
  TestFetch,
  TestFetchLimits,
  TooManyTestFetches,
} from '@quarry/domain'
import type { IncomingResult } from './result-store.ts'

/** A test fetch and, once it is over, what came of it. */
export interface StoredTestFetch {
  readonly test: TestFetch
  readonly run?: RunResult
}

/**
 * Test fetches with their pages, apart from orders and inboxes. Linearizable for each customer (`admit`) and for each
 * test (`finish`). Throws `Unavailable` (nothing done) and `UnknownOutcome` (perhaps done): repeating a call with the
 * same arguments is safe. What is older than the last hour may be gone at any time.
 */
export interface TestFetchStore {
  /**
   * Adds a test as of its `createdAt`, unless its customer has as many as the limits allow (`admitTestFetch` of the
   * domain). Of many at once no more get in than that. Of an id that got in before: what is stored, changes nothing.
   */
  admit(test: TestFetch, limits: TestFetchLimits): Promise<Result<TestFetch, TooManyTestFetches>>
  find(id: OrderId): Promise<StoredTestFetch | undefined>
  /**
   * Keeps the outcome, and the page before it, under `run.orderId`. The first one counts: false when there was one, or
   * when no such test is kept (any more).
   */
  finish(result: IncomingResult): Promise<boolean>
  /** The page of the outcome that counts, as the miner encoded it; undefined when there is none. */
  body(id: OrderId): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined>
  /** Forgets tests created before `before`, at most `limit`; returns how many. May do so late, or leave it to the store. */
  forget(before: Instant, limit: number): Promise<number>
}
