import type { Instant, JobId, OrderId, RunResult, UserId } from '@quarry/domain'
import type { Page } from './order-store.ts'

/** A result to store; `body` is present for a page with content, encoded as `outcome.content.encoding` says. */
export interface IncomingResult {
  readonly run: RunResult
  readonly body?: Uint8Array
}

/**
 * What the store holds for a jobId after `store`: the given run, or the one that was there before. Of a jobId that was
 * pruned already it is `known` with the given run.
 */
export interface StoredOutcome {
  readonly kind: 'stored' | 'known'
  readonly run: RunResult
}

export interface StoredRun {
  readonly storedAt: Instant
  readonly run: RunResult
}

/** A customer's result with its place in the inbox. Cursors of one customer sort by arrival as texts. */
export interface InboxEntry extends StoredRun {
  readonly cursor: string
}

/** How far an order's repetitions have come. */
export interface OrderTotals {
  readonly delivered: number
  readonly failed: number
  /** The run of the newest repetition that has one, while it is kept. */
  readonly lastRun?: RunResult
}

/**
 * Bodies, runs and inboxes. Each jobId is stored once: the first wins, every later one is told which that was.
 * A body is durable before any row that names it. Reads see every confirmed write. Throws `Unavailable` (nothing
 * done) and `UnknownOutcome` (some may be done); repeating `store` is always safe.
 */
export interface ResultStore {
  /** Stores bodies, run rows and inbox rows; durable when the promise resolves. Answers stand at the index of their input. */
  store(results: readonly IncomingResult[], storedAt: Instant): Promise<readonly StoredOutcome[]>
  run(jobId: JobId): Promise<RunResult | undefined>
  /**
   * An order's runs, newest repetition first. `limit` is 1 to 200. `after` is a repetition as a decimal number, kept or not:
   * the page begins below it, so that a reader may begin anywhere.
   */
  runsOf(orderId: OrderId, page: { after?: string; limit: number }): Promise<Page<RunResult>>
  /** Totals at the index of each order; zeros for an order without runs. Pruning takes nothing from the counts. */
  totals(orderIds: readonly OrderId[]): Promise<readonly OrderTotals[]>
  /**
   * Repetitions below `below` that have never had a run row (one that was pruned counts as had), ascending, at most
   * `limit`. Costs little when none is missing, however many runs there are.
   */
  unsettled(orderId: OrderId, below: number, limit: number): Promise<readonly number[]>
  /**
   * A customer's results after `after` (from the first one kept when undefined), in order of arrival. An entry never
   * appears before one that was already read, so reading on from the last cursor misses nothing.
   */
  inbox(
    customerId: UserId,
    from: { after?: string; limit: number; orderId?: OrderId; since?: Instant },
  ): Promise<readonly InboxEntry[]>
  /**
   * For whoever goes through everybody's runs: those kept that were stored at `since` or later, in the store's own order.
   * `limit` is 1 to 1,000. A page may hold fewer, even none, and have a `next` all the same. What was stored before the first
   * page was asked for is on one of them at least; what is stored meanwhile is perhaps.
   */
  stored(part: { after?: string; limit: number; since?: Instant }): Promise<Page<StoredRun>>
  /** The stored body as the miner encoded it; undefined when never stored or no longer kept. */
  body(customerId: UserId, sha256: string): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined>
  /** Forgets runs, inbox rows and bodies that nothing names any more, stored before `before`, at most `limit` runs. Returns how many went. */
  prune(before: Instant, limit: number): Promise<number>
  /**
   * As `prune`, for all that is kept of one customer, however young. Returns how many runs went; fewer than `limit` when
   * nothing is left. To be called when none of the customer's orders has anything under way.
   */
  eraseOf(customerId: UserId, limit: number): Promise<number>
}
