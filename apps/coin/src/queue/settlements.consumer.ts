import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { ResultBus, StopConsuming } from '@quarry/messaging-port'
import { KERNEL_CONFIG, LOGGER, METRICS, RESULT_BUS, type KernelConfig } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { SettleBatch } from '../application/settle-batch.ts'
import { coinConfig, type CoinConfig } from '../coin.config.ts'

/**
 * How batches fill. One machine writes them one after the other, so two keep it busy, and whoever published waits for
 * them; on the cluster a round of the ledger costs the same for one settlement as for many, those of batches side by
 * side go together, and nobody waits.
 */
const pace = {
  'one-machine': { maxWaitMs: 50, maxBatches: 2 },
  cluster: { maxWaitMs: 500, maxBatches: 8 },
} as const

@Injectable()
export class SettlementsConsumer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #settled: Counter<'outcome'>
  #stop: StopConsuming | undefined

  constructor(
    @Inject(RESULT_BUS) private readonly bus: ResultBus,
    @Inject(SettleBatch) private readonly settleBatch: SettleBatch,
    @Inject(coinConfig.token) private readonly config: CoinConfig,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
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
    const { maxWaitMs, maxBatches } = pace[this.kernel.engines]
    const limits = {
      maxMessages: this.config.batchTransfers,
      maxWaitMs: this.config.batchWaitMs ?? maxWaitMs,
      maxBatches,
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
