import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { CancelTimer, Clock } from '@quarry/domain'
import { CLOCK, LOGGER, METRICS } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { SweepLedger } from '../application/sweep-ledger.ts'
import { coinConfig, type CoinConfig } from '../coin.config.ts'

/** Sweeps the ledger for as long as the service runs: once at a time, `sweepMs` after the last one ended. */
@Injectable()
export class LedgerSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #finished: Counter
  #cancel: CancelTimer = () => undefined
  #sweeping: Promise<void> | undefined
  #stopped = false

  constructor(
    @Inject(SweepLedger) private readonly sweepLedger: SweepLedger,
    @Inject(coinConfig.token) private readonly config: CoinConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) metrics: Registry,
  ) {
    this.#finished = new Counter({
      name: 'quarry_ledger_swept_total',
      help: 'Transfers finished that a dead coin service had left halfway',
      registers: [metrics],
    })
  }

  onApplicationBootstrap(): void {
    this.#later()
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#sweeping
  }

  #later(): void {
    if (this.#stopped) return
    this.#cancel = this.clock.after(this.config.sweepMs, () => {
      this.#sweeping = this.#sweep().finally(() => this.#later())
    })
  }

  async #sweep(): Promise<void> {
    try {
      const finished = await this.sweepLedger.run()
      this.#finished.inc(finished)
      if (finished > 0) this.logger.warn({ finished }, 'finished transfers that were left halfway')
    } catch (err) {
      this.logger.error({ err }, 'sweeping the ledger failed')
    }
  }
}
