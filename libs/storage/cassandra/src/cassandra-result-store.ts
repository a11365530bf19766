import type { Instant, JobId, OrderId, RunResult, UserId } from '@quarry/domain'
import {
  Unavailable,
  UnknownOutcome,
  type IncomingResult,
  type InboxEntry,
  type OrderTotals,
  type Page,
  type ResultStore,
  type StoredOutcome,
  type StoredRun,
} from '@quarry/storage-port'
import type { CassandraEngine } from './cassandra-engine.ts'
import { ResultBodies } from './result-bodies.ts'
import { readInbox, type InboxPart } from './result-inbox.ts'
import { inParallel } from './result-parallel.ts'
import { ResultPruning } from './result-pruning.ts'
import { ResultRuns } from './result-runs.ts'
import { readStored } from './result-walk.ts'
import { ResultWriter } from './result-writer.ts'

/** Customers whose batches of one call are under way at once. */
const CUSTOMERS_AT_ONCE = 64
/** Customers, orders and bodies that are remembered between calls: some 50 MB. */
const MOST_REMEMBERED = 100_000

/**
 * Bodies, runs and inboxes. What decides is each customer's log: one condition appends a batch to it and says thereby of
 * each of its jobs that its result came first. Before it, bodies are written; after it, the rows by order, which say
 * nothing that the log does not and which whoever comes next writes again if their writer died. `docs/adr/0011` has the
 * reasons.
 */
export class CassandraResultStore implements ResultStore {
  readonly #engine: CassandraEngine
  readonly #bodies: ResultBodies
  readonly #runs: ResultRuns
  readonly #writers = new Map<UserId, ResultWriter>()

  constructor(engine: CassandraEngine) {
    this.#engine = engine
    this.#bodies = new ResultBodies(engine)
    this.#runs = new ResultRuns(engine)
  }

  async store(results: readonly IncomingResult[], storedAt: Instant): Promise<readonly StoredOutcome[]> {
    const outcomes = new Array<StoredOutcome>(results.length)
    const failures: unknown[] = []
    let done = 0
    const byCustomer = Map.groupBy(results.keys(), (index) => results[index]!.run.customerId)
    await inParallel(byCustomer, CUSTOMERS_AT_ONCE, async ([customerId, indexes]) => {
      const theirs = indexes.map((index) => results[index]!)
      const answers = await Promise.allSettled(this.#writerOf(customerId).store(theirs, storedAt))
      for (const [position, answer] of answers.entries()) {
        if (answer.status === 'rejected') failures.push(answer.reason)
        else done++
        if (answer.status === 'fulfilled') outcomes[indexes[position]!] = answer.value
      }
    })
    if (failures.length === 0) return outcomes
    throw done > 0 ? partly(failures) : (failures.find((each) => !(each instanceof Unavailable)) ?? failures[0])
  }

  run(jobId: JobId): Promise<RunResult | undefined> {
    return this.#runs.run(jobId)
  }

  runsOf(orderId: OrderId, page: { after?: string; limit: number }): Promise<Page<RunResult>> {
    return this.#runs.page(orderId, page)
  }

  totals(orderIds: readonly OrderId[]): Promise<readonly OrderTotals[]> {
    return this.#runs.totals(orderIds)
  }

  unsettled(orderId: OrderId, below: number, limit: number): Promise<readonly number[]> {
    return this.#runs.unsettled(orderId, below, limit)
  }

  inbox(customerId: UserId, from: InboxPart): Promise<readonly InboxEntry[]> {
    return readInbox(this.#engine, customerId, from)
  }

  stored(part: { after?: string; limit: number; since?: Instant }): Promise<Page<StoredRun>> {
    return readStored(this.#engine, part)
  }

  body(customerId: UserId, sha256: string): Promise<{ bytes: Uint8Array; encoding: 'zstd' | 'identity' } | undefined> {
    return this.#bodies.read(customerId, sha256)
  }

  /** A time after every other: nothing of the customer's is too young. */
  eraseOf(customerId: UserId, limit: number): Promise<number> {
    return new ResultPruning(this.#engine, Number.MAX_SAFE_INTEGER, limit).runOf(customerId)
  }

  prune(before: Instant, limit: number): Promise<number> {
    return new ResultPruning(this.#engine, before, limit).run()
  }

  /** The customer's writer; those that wrote longest ago are let go. */
  #writerOf(customerId: UserId): ResultWriter {
    const writer = this.#writers.get(customerId) ?? new ResultWriter(this.#engine, customerId)
    this.#writers.delete(customerId)
    this.#writers.set(customerId, writer)
    let remembered = 0
    for (const { remembers } of this.#writers.values()) remembered += 1 + remembers
    for (const [each, other] of this.#writers) {
      if (remembered <= MOST_REMEMBERED) break
      if (!other.idle || other === writer) continue
      this.#writers.delete(each)
      remembered -= 1 + other.remembers
    }
    return writer
  }
}

function partly(failures: readonly unknown[]): Error {
  const [first] = failures
  return first instanceof Unavailable
    ? new UnknownOutcome(`Some is stored: ${first.message}`, { cause: first })
    : (first as Error)
}
