import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { KERNEL_CONFIG, LOGGER, type KernelConfig } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { Resettle, type Resettled } from '../application/resettle.ts'

/**
 * On one machine the bus dies with its process: a run that was stored and not settled then is settled when the process
 * starts again, beside its other work, whether or not the run's miner comes back to offer the result once more. On the
 * cluster RabbitMQ remembers.
 */
@Injectable()
export class OwedSettler implements OnApplicationBootstrap, OnApplicationShutdown {
  #stopped = false

  constructor(
    @Inject(Resettle) private readonly resettle: Resettle,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (this.kernel.engines === 'cluster') return
    this.#run().catch((err: unknown) => {
      if (!this.#stopped) this.logger.error({ err }, 'what was left unsettled is not settled: it is at the next start')
    })
  }

  onApplicationShutdown(): void {
    this.#stopped = true
  }

  async #run(): Promise<void> {
    let sums: Resettled | undefined
    for await (const { soFar } of this.resettle.run()) {
      if (this.#stopped) return
      sums = soFar
    }
    if (sums !== undefined && sums.published + sums.refused > 0)
      this.logger.warn({ ...sums }, 'settled what was left unsettled')
  }
}
