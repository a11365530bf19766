import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { ResultBus, StopConsuming } from '@quarry/messaging-port'
import { LOGGER, METRICS, RESULT_BUS } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { SettleBatch } from '../application/settle-batch.ts'
import { coinConfig, type CoinConfig } from '../coin.config.ts'

/** Batches in hand at once: the ledger serialises them anyway, two keep it busy. */
const MAX_BATCHES = 2

@Injectable()
export class SettlementsConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #settled: Counter<'outcome'>
  #stop: StopConsuming | undefined

  constructor(
    @Inject(RESULT_BUS) private readonly bus: ResultBus,
    @Inject(SettleBatch) private readonly settleBatch: SettleBatch,
    @Inject(coinConfig.token) private readonly config: CoinConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) metrics: Registry,
  ) {
    this.#settled = new Counter({
      name: 'quarry_settlements_total',
      help: 'Settlements by what the ledger made of them',
      labelNames: ['outcome'],
      registers: [metrics],
    })
  }

  async onApplicationBootstrap(): Promise<void> {
    const limits = {
      maxMessages: this.config.batchTransfers,
      maxWaitMs: this.config.batchWaitMs,
      maxBatches: MAX_BATCHES,
    }
    this.#stop = await this.bus.settlements.consume(limits, async (batch) => {
      const refused = await this.settleBatch.run(batch)
      this.#settled.inc({ outcome: 'posted' }, batch.length - refused.length)
      for (const { transfer, outcome } of refused) {
        this.#settled.inc({ outcome: outcome.kind })
        this.logger.error({ transfer, outcome }, 'the ledger refuses a settlement: run the audit')
      }
    })
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#stop?.()
  }
}
