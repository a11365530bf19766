import type { ResultMessage } from '@quarry/contracts'
import { settlementOf, type Clock, type RunResult } from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import type { IncomingResult, ResultStore } from '@quarry/storage-port'

/**
 * Stores a batch of results, once per jobId, and has what was stored settled. Money follows the stored run: when two
 * attempts raced, the one that came second is told of the first, and the first is settled again under the same id.
 * Dying after the rows and before the settlement is confirmed means that the batch is delivered again.
 */
export class StoreResults {
  readonly #results: ResultStore
  readonly #bus: ResultBus
  readonly #live: LiveEvents
  readonly #clock: Clock

  constructor(deps: { results: ResultStore; bus: ResultBus; live: LiveEvents; clock: Clock }) {
    this.#results = deps.results
    this.#bus = deps.bus
    this.#live = deps.live
    this.#clock = deps.clock
  }

  /** Resolves when rows and settlements are both safe; waiting receivers are woken as soon as the rows are. */
  async run(batch: readonly ResultMessage[]): Promise<void> {
    const incoming = batch.map(({ run, body }): IncomingResult => ({ run, ...(body !== undefined && { body }) }))
    const stored = await this.#results.store(incoming, this.#clock.now())
    this.#wake(stored.flatMap(({ kind, run }) => (kind === 'stored' ? run : [])))
    await this.#bus.settlements.publish(
      stored.map(({ run }) => ({ v: 1, transfer: settlementOf(run), traceparent: run.traceparent })),
    )
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
