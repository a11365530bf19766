import type { Provider } from '@nestjs/common'
import type { CoinService } from '@quarry/contracts'
import type { Clock, Random } from '@quarry/domain'
import type { Mailer } from '@quarry/mail-port'
import type { LiveEvents } from '@quarry/messaging-port'
import { createPoster, userAgentOf, type Poster } from '@quarry/scrape'
import {
  CLOCK,
  COIN_SERVICE,
  KERNEL_CONFIG,
  LEADER_LEASE,
  LIVE_EVENTS,
  LOGGER,
  MAILER,
  NOTIFICATION_STORE,
  ORDER_STORE,
  PEERS,
  RANDOM,
  RESULT_STORE,
  SCHEDULE_STORE,
  USER_STORE,
  type KernelConfig,
  type Peers,
} from '@quarry/service-kit'
import type {
  LeaderLease,
  NotificationStore,
  OrderStore,
  ResultStore,
  ScheduleStore,
  UserStore,
} from '@quarry/storage-port'
import { randomBytes, randomUUID } from 'node:crypto'
import { DeliverWebhooks } from './application/notifications/deliver-webhooks.ts'
import { DisableEndpoint } from './application/notifications/disable-endpoint.ts'
import { KeepWishes } from './application/notifications/keep-wishes.ts'
import { NotePause } from './application/notifications/note-pause.ts'
import { NotifyCustomers } from './application/notifications/notify-customers.ts'
import { ReadNews } from './application/notifications/read-news.ts'
import { SendMails } from './application/notifications/send-mails.ts'
import { TryEndpoint } from './application/notifications/try-endpoint.ts'
import { WatchBalance } from './application/notifications/watch-balance.ts'
import { WebhookSigning } from './application/notifications/webhook-signing.ts'
import { backendConfig, type BackendConfig } from './backend.config.ts'
import { POSTER } from './poster-token.ts'
import { NotificationsWorker } from './queue/notifications.worker.ts'

const ID_BYTES = 12

interface Logging {
  error(fields: object, text: string): void
}

/** Everything about notifications: what customers want, and the worker that tells them. */
export const notificationProviders: Provider[] = [
  {
    provide: POSTER,
    inject: [backendConfig.token, CLOCK],
    useFactory: (config: BackendConfig, clock: Clock) =>
      createPoster({
        allow: config.allowed,
        http: config.webhookHttp,
        userAgent: userAgentOf(),
        now: () => clock.now(),
      }),
  },
  {
    provide: WebhookSigning,
    inject: [backendConfig.token, KERNEL_CONFIG],
    useFactory: (config: BackendConfig, kernel: KernelConfig) =>
      new WebhookSigning(config.notifySecret ?? kernel.internalSecret),
  },
  {
    provide: ReadNews,
    inject: [RESULT_STORE, ORDER_STORE, SCHEDULE_STORE],
    useFactory: (results: ResultStore, orders: OrderStore, schedule: ScheduleStore) =>
      new ReadNews({ results, orders, schedule }),
  },
  {
    provide: KeepWishes,
    inject: [NOTIFICATION_STORE, USER_STORE, WebhookSigning, POSTER, MAILER, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[store, users, signing, poster, mailer, live, clock]: [
        NotificationStore,
        UserStore,
        WebhookSigning,
        Poster,
        Mailer,
        LiveEvents,
        Clock,
      ]
    ) =>
      new KeepWishes({
        ...{ store, users, signing, live, clock },
        check: (url) => poster.check(url),
        newId: () => randomBytes(ID_BYTES).toString('hex'),
        mailDelivers: mailer.delivers,
      }),
  },
  {
    provide: TryEndpoint,
    inject: [NOTIFICATION_STORE, POSTER, WebhookSigning, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[store, poster, signing, live, clock]: [NotificationStore, Poster, WebhookSigning, LiveEvents, Clock]
    ) => new TryEndpoint({ store, poster, signing, live, clock }),
  },
  {
    provide: NotePause,
    inject: [NOTIFICATION_STORE, SCHEDULE_STORE, CLOCK],
    useFactory: (store: NotificationStore, schedule: ScheduleStore, clock: Clock) =>
      new NotePause({ store, schedule, clock }),
  },
  {
    provide: DeliverWebhooks,
    inject: [NOTIFICATION_STORE, ReadNews, POSTER, WebhookSigning, LIVE_EVENTS, CLOCK, RANDOM],
    useFactory: (
      ...[store, news, poster, signing, live, clock, random]: [
        NotificationStore,
        ReadNews,
        Poster,
        WebhookSigning,
        LiveEvents,
        Clock,
        Random,
      ]
    ) => {
      const disable = new DisableEndpoint({ store, live, clock })
      return new DeliverWebhooks({ store, news, poster, signing, disable, live, clock, random })
    },
  },
  {
    provide: SendMails,
    inject: [
      NOTIFICATION_STORE,
      ReadNews,
      ORDER_STORE,
      USER_STORE,
      MAILER,
      WebhookSigning,
      CLOCK,
      KERNEL_CONFIG,
      PEERS,
      LOGGER,
    ],
    useFactory: (
      ...[store, news, orders, users, mailer, signing, clock, kernel, peers, logger]: [
        NotificationStore,
        ReadNews,
        OrderStore,
        UserStore,
        Mailer,
        WebhookSigning,
        Clock,
        KernelConfig,
        Peers,
        Logging,
      ]
    ) =>
      new SendMails({
        ...{ store, news, orders, users, mailer, signing, clock },
        siteUrl: () => (kernel.publicUrl ?? peers.ownUrl).replace(/\/+$/, ''),
        onUnsent: (err) => logger.error({ err }, 'a mail could not be sent; it is tried again'),
      }),
  },
  {
    provide: NotifyCustomers,
    inject: [
      NOTIFICATION_STORE,
      LEADER_LEASE,
      LIVE_EVENTS,
      CLOCK,
      DeliverWebhooks,
      SendMails,
      COIN_SERVICE,
      MAILER,
      LOGGER,
    ],
    useFactory: (
      ...[store, leases, live, clock, webhooks, sendMails, coins, mailer, logger]: [
        NotificationStore,
        LeaderLease,
        LiveEvents,
        Clock,
        DeliverWebhooks,
        SendMails,
        CoinService,
        Mailer,
        Logging,
      ]
    ) =>
      new NotifyCustomers({
        ...{ store, leases, live, clock, webhooks },
        holder: randomUUID(),
        balances: new WatchBalance({ store, coins, clock }),
        ...(mailer.delivers && { mails: sendMails }),
        onError: (err) => logger.error({ err }, 'a round of notifications failed; it is tried again'),
      }),
  },
  NotificationsWorker,
]
