import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { BUCKET_COUNT } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import { LIVE_EVENTS } from '@quarry/service-kit'
import { RunScheduler } from '../application/run-scheduler.ts'

/** Passes on the hints that an order changed; those of buckets that are not ours are dropped by the scheduler. */
@Injectable()
export class BucketHints implements OnApplicationBootstrap, OnModuleDestroy {
  #unsubscribe: (() => void)[] = []

  constructor(
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(RunScheduler) private readonly scheduler: RunScheduler,
  ) {}

  onApplicationBootstrap(): void {
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      this.#unsubscribe.push(this.live.subscribe(`bucket:${bucket}`, () => this.scheduler.hint(bucket)))
    }
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }
}
