import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common'
import type { AccountService, CoinService } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { JobQueue, LiveEvents } from '@quarry/messaging-port'
import {
  ACCOUNT_SERVICE,
  CLOCK,
  COIN_SERVICE,
  DenyListWatch,
  JOB_QUEUE,
  KERNEL_CONFIG,
  LEDGER_STORE,
  LIVE_EVENTS,
  LOGGER,
  NOTIFICATION_STORE,
  OPERATOR_STORE,
  ORDER_STORE,
  PEERS,
  PEOPLE_STORE,
  RESULT_STORE,
  SCHEDULE_STORE,
  type KernelConfig,
  type Peers,
} from '@quarry/service-kit'
import type {
  LedgerStore,
  NotificationStore,
  OperatorStore,
  OrderStore,
  PeopleStore,
  ResultStore,
  ScheduleStore,
} from '@quarry/storage-port'
import { createHash, randomBytes } from 'node:crypto'
import { ACCOUNT_DATA } from './account-data-token.ts'
import type { AccountData } from './application/account-data.ts'
import { Administer, type AdminIds } from './application/administer.ts'
import { AuditLedger } from './application/audit-ledger.ts'
import { DeleteAccount } from './application/delete-account.ts'
import {
  coinData,
  limitData,
  notificationData,
  orderData,
  peopleData,
  profileData,
  runData,
} from './application/held-data.ts'
import { ReadBody } from './application/read-body.ts'
import { Repeat } from './application/repeat.ts'
import { ShowSystem } from './application/show-system.ts'
import { AccountController } from './http/account.controller.ts'
import { AdminController } from './http/admin.controller.ts'
import { askServices } from './http/ask-services.ts'
import { ExportLinks } from './http/export-links.ts'

type Log = (fields: object, text: string) => void

const DELETIONS = Symbol('Deletions')
/** Deletions wait for schedulers and miners; so often it is looked whether they are done. */
const DELETION_ROUND_MS = 1_000
const DELETIONS_AT_ONCE = 20

const adminIds: AdminIds = {
  fresh: () => randomBytes(16).toString('hex'),
  keyed: (adminId, key) =>
    `admin:${createHash('sha256')
      .update(JSON.stringify([adminId, key]))
      .digest('hex')}`,
}

const providers: Provider[] = [
  {
    provide: DenyListWatch,
    inject: [OPERATOR_STORE, LIVE_EVENTS, CLOCK, LOGGER],
    useFactory: (operator: OperatorStore, live: LiveEvents, clock: Clock, logger: { warn: Log }) =>
      new DenyListWatch({
        read: async () => (await operator.denyRules()).map(({ pattern }) => pattern),
        live,
        clock,
        onError: (err) => logger.warn({ err }, 'the deny-list could not be read; the last one counts'),
      }),
  },
  {
    // Whatever keeps something of a user stands here: orders after their runs, which are found by them; the profile last.
    provide: ACCOUNT_DATA,
    inject: [
      ...[ORDER_STORE, SCHEDULE_STORE, RESULT_STORE, COIN_SERVICE, NOTIFICATION_STORE, PEOPLE_STORE],
      ACCOUNT_SERVICE,
    ],
    useFactory: (
      ...[orders, schedule, results, coins, notifications, people, accounts]: [
        OrderStore,
        ScheduleStore,
        ResultStore,
        CoinService,
        NotificationStore,
        PeopleStore,
        AccountService,
      ]
    ): readonly AccountData[] => [
      runData({ orders, results, readBody: new ReadBody(results) }),
      orderData({ orders, schedule }),
      coinData(coins),
      notificationData(notifications),
      peopleData(people),
      limitData(orders),
      profileData(accounts),
    ],
  },
  {
    provide: DeleteAccount,
    inject: [
      ...[OPERATOR_STORE, ACCOUNT_SERVICE, COIN_SERVICE, ORDER_STORE, SCHEDULE_STORE, LIVE_EVENTS, CLOCK],
      ACCOUNT_DATA,
    ],
    useFactory: (
      ...[operator, accounts, coins, orders, schedule, live, clock, data]: [
        OperatorStore,
        AccountService,
        CoinService,
        OrderStore,
        ScheduleStore,
        LiveEvents,
        Clock,
        readonly AccountData[],
      ]
    ) => new DeleteAccount({ operator, accounts, coins, orders, schedule, live, clock, data }),
  },
  {
    provide: DELETIONS,
    inject: [DeleteAccount, CLOCK, LOGGER],
    useFactory: (deleteAccount: DeleteAccount, clock: Clock, logger: { warn: Log }) =>
      new Repeat({
        clock,
        everyMs: DELETION_ROUND_MS,
        act: () => deleteAccount.carryOn(DELETIONS_AT_ONCE),
        onError: (err) => logger.warn({ err }, 'an account could not be deleted further; it is tried again'),
      }),
  },
  {
    provide: Administer,
    inject: [OPERATOR_STORE, ACCOUNT_SERVICE, COIN_SERVICE, ORDER_STORE, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[operator, accounts, coins, orders, live, clock]: [
        OperatorStore,
        AccountService,
        CoinService,
        OrderStore,
        LiveEvents,
        Clock,
      ]
    ) => new Administer({ operator, accounts, coins, orders, live, clock, ids: adminIds }),
  },
  {
    provide: AuditLedger,
    inject: [LEDGER_STORE, RESULT_STORE, ORDER_STORE, SCHEDULE_STORE, OPERATOR_STORE, CLOCK],
    useFactory: (
      ...[ledger, results, orders, schedule, operator, clock]: [
        LedgerStore,
        ResultStore,
        OrderStore,
        ScheduleStore,
        OperatorStore,
        Clock,
      ]
    ) => new AuditLedger({ ledger, results, orders, schedule, operator }, clock),
  },
  {
    provide: ShowSystem,
    inject: [PEERS, JOB_QUEUE, CLOCK],
    useFactory: (peers: Peers, queue: JobQueue, clock: Clock) =>
      new ShowSystem({ ask: askServices(peers), queue, clock, nodeVersion: process.version }),
  },
  {
    provide: ExportLinks,
    inject: [CLOCK, KERNEL_CONFIG],
    useFactory: (clock: Clock, { internalSecret }: KernelConfig) => new ExportLinks(clock, internalSecret),
  },
]

/** Accounts as a whole: taken away and deleted by their owners, administered by operators. */
@Module({ controllers: [AccountController, AdminController], providers, exports: [DenyListWatch] })
export class AccountsModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(DELETIONS) private readonly deletions: Repeat,
    @Inject(DenyListWatch) private readonly denied: DenyListWatch,
  ) {}

  onApplicationBootstrap(): void {
    this.denied.start()
    this.deletions.start()
  }

  onModuleDestroy(): void {
    this.denied.stop()
    this.deletions.stop()
  }
}
