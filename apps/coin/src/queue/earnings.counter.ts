import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { CancelTimer, Clock } from '@quarry/domain'
import { CLOCK, LOGGER } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { CountEarnings } from '../application/count-earnings.ts'

const FLUSH_MS = 1_000

/** Writes the counts of earnings down once a second, so that they cost the settlements nothing. */
@Injectable()
export class EarningsCounter implements OnApplicationBootstrap, OnApplicationShutdown {
  #cancel: CancelTimer = () => undefined
  #flushing: Promise<void> | undefined
  #stopped = false

  constructor(
    @Inject(CountEarnings) private readonly countEarnings: CountEarnings,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#later()
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#flushing
    await this.#flush()
  }

  #later(): void {
    if (this.#stopped) return
    this.#cancel = this.clock.after(FLUSH_MS, () => {
      this.#flushing = this.#flush().finally(() => this.#later())
    })
  }

  async #flush(): Promise<void> {
    try {
      await this.countEarnings.flush()
    } catch (err) {
      this.logger.warn({ err }, 'some earnings were not counted; the ledger has them')
    }
  }
}
