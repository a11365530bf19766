import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Poster } from '@quarry/scrape'
import { NotifyCustomers } from '../application/notifications/notify-customers.ts'
import { POSTER } from '../poster-token.ts'

/** Tells customers their news for as long as the service runs. */
@Injectable()
export class NotificationsWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(NotifyCustomers) private readonly notifyCustomers: NotifyCustomers,
    @Inject(POSTER) private readonly poster: Poster,
  ) {}

  onApplicationBootstrap(): void {
    this.notifyCustomers.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.notifyCustomers.stop()
    await this.poster.close()
  }
}
