import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { ResultBus, StopConsuming } from '@quarry/messaging-port'
import { METRICS, RESULT_BUS } from '@quarry/service-kit'
import { Counter, type Registry } from 'prom-client'
import { StoreResults } from '../application/store-results.ts'
import { resultServerConfig, type ResultServerConfig } from '../result-server.config.ts'

/** Batches in hand at once: while one waits for its settlements, others are stored. */
const MAX_BATCHES = 16

@Injectable()
export class ResultsConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stored: Counter<'outcome'>
  #stop: StopConsuming | undefined

  constructor(
    @Inject(RESULT_BUS) private readonly bus: ResultBus,
    @Inject(StoreResults) private readonly storeResults: StoreResults,
    @Inject(resultServerConfig.token) private readonly config: ResultServerConfig,
    @Inject(METRICS) metrics: Registry,
  ) {
    this.#stored = new Counter({
      name: 'quarry_results_total',
      help: 'Results taken from the bus, repeated ones included',
      labelNames: ['outcome'],
      registers: [metrics],
    })
  }

  async onApplicationBootstrap(): Promise<void> {
    const limits = {
      maxMessages: this.config.batchResults,
      maxWaitMs: this.config.batchWaitMs,
      maxBatches: MAX_BATCHES,
    }
    this.#stop = await this.bus.results.consume(limits, async (batch) => {
      await this.storeResults.run(batch)
      const pages = batch.filter(({ run }) => run.outcome.kind === 'page').length
      this.#stored.inc({ outcome: 'page' }, pages)
      this.#stored.inc({ outcome: 'failure' }, batch.length - pages)
    })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#stop?.()
  }
}
