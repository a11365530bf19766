import type { ResultMessage } from '@quarry/contracts'
import { isTestFetch, type Clock, type RunResult } from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import type { IncomingResult, ResultStore, TestFetchStore } from '@quarry/storage-port'
import { settlementMessageOf } from './settlement-message.ts'

/**
 * Stores a batch of results, once per jobId, and has what was stored settled. Money follows the stored run: when two
 * attempts raced, the one that came second is told of the first, and the first is settled again under the same id.
 * Dying after the rows and before the settlement is confirmed means that the batch is delivered again. What came of a
 * test fetch is kept apart, and nothing is paid.
 */
export class StoreResults {
  readonly #results: ResultStore
  readonly #tests: TestFetchStore
  readonly #bus: ResultBus
  readonly #live: LiveEvents
  readonly #clock: Clock

  constructor(deps: {
    results: ResultStore
    testFetches: TestFetchStore
    bus: ResultBus
    live: LiveEvents
    clock: Clock
  }) {
    this.#tests = deps.testFetches
    this.#results = deps.results
    this.#bus = deps.bus
    this.#live = deps.live
    this.#clock = deps.clock
  }

  /** Resolves when rows and settlements are both safe; waiting receivers are woken as soon as the rows are. */
  async run(batch: readonly ResultMessage[]): Promise<void> {
    const all = batch.map(({ run, body }): IncomingResult => ({ run, ...(body !== undefined && { body }) }))
    const tests = all.filter(({ run }) => isTestFetch(run.orderId))
    const incoming = tests.length === 0 ? all : all.filter(({ run }) => !isTestFetch(run.orderId))
    await Promise.all([this.#finishTests(tests), this.#storeAll(incoming)])
  }

  async #finishTests(tests: readonly IncomingResult[]): Promise<void> {
    for (const test of tests) {
      await this.#tests.finish(test)
      const { customerId, orderId: testId } = test.run
      this.#live.publish(`user:${customerId}`, { kind: 'test-fetch-changed', testId, state: 'over' })
    }
  }

  async #storeAll(incoming: readonly IncomingResult[]): Promise<void> {
    if (incoming.length === 0) return
    const stored = await this.#results.store(incoming, this.#clock.now())
    this.#wake(stored.flatMap(({ kind, run }) => (kind === 'stored' ? run : [])))
    await this.#bus.settlements.publish(stored.map(({ run }) => settlementMessageOf(run)))
  }

  #wake(runs: readonly RunResult[]): void {
    const latest = new Map<string, RunResult>()
    for (const run of runs) latest.set(run.orderId, run)
    for (const customerId of new Set(runs.map((run) => run.customerId))) {
      this.#live.publish(`user:${customerId}`, { kind: 'results-waiting' })
    }
    for (const { customerId, orderId, rep } of latest.values()) {
      this.#live.publish(`user:${customerId}`, { kind: 'run-stored', orderId, rep })
    }
  }
}
