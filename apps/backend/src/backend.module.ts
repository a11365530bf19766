import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common'
import type { CoinService } from '@quarry/contracts'
import type { Clock, Random } from '@quarry/domain'
import type { JobQueue, LiveEvents } from '@quarry/messaging-port'
import {
  CLOCK,
  DenyListWatch,
  JOB_QUEUE,
  KERNEL_CONFIG,
  RANDOM,
  TEST_FETCH_STORE,
  type KernelConfig,
  COIN_SERVICE,
  LIVE_EVENTS,
  LOGGER,
  ORDER_STORE,
  RESULT_STORE,
  SCHEDULE_STORE,
} from '@quarry/service-kit'
import type { OrderStore, ResultStore, ScheduleStore, TestFetchStore } from '@quarry/storage-port'
import { ChangeOrder } from './application/change-order.ts'
import { ClaimFaucet } from './application/claim-faucet.ts'
import { CountMiners } from './application/count-miners.ts'
import { ExportRuns } from './application/export-runs.ts'
import { ForecastCoins } from './application/forecast-coins.ts'
import { FinishPlacements } from './application/finish-placements.ts'
import { GuardSpending } from './application/guard-spending.ts'
import { ImportOrders } from './application/import-orders.ts'
import { ListOrders } from './application/list-orders.ts'
import { OrderRows } from './application/order-rows.ts'
import { NotePause } from './application/notifications/note-pause.ts'
import { OrderTerms } from './application/order-terms.ts'
import { PlaceOrder } from './application/place-order.ts'
import { PreviewOrder } from './application/preview-order.ts'
import { ReadBody } from './application/read-body.ts'
import { ShowOrders } from './application/show-orders.ts'
import { ShowRuns } from './application/show-runs.ts'
import { ShowTestFetch } from './application/show-test-fetch.ts'
import { StartTestFetch } from './application/start-test-fetch.ts'
import { AccountsModule } from './accounts.module.ts'
import { backendConfig, type BackendConfig } from './backend.config.ts'
import { BulkOrdersController } from './http/bulk-orders.controller.ts'
import { CoinsController } from './http/coins.controller.ts'
import { NotificationsController } from './http/notifications.controller.ts'
import { OrdersController } from './http/orders.controller.ts'
import { RunViewsController } from './http/run-views.controller.ts'
import { RunsController } from './http/runs.controller.ts'
import { TestFetchesController } from './http/test-fetches.controller.ts'
import { orderIds } from './order-ids.ts'
import { PeopleModule } from './people.module.ts'
import { notificationProviders } from './notification-providers.ts'
import { LiveGateway } from './socket/live.gateway.ts'
import { testFetchIds } from './test-fetch-ids.ts'

const providers: Provider[] = [
  {
    provide: OrderTerms,
    inject: [backendConfig.token, DenyListWatch],
    useFactory: (config: BackendConfig, denied: DenyListWatch) =>
      new OrderTerms({ ...config, deniedBy: (host) => denied.patternFor(host) }),
  },
  {
    provide: PlaceOrder,
    inject: [OrderTerms, ORDER_STORE, COIN_SERVICE, SCHEDULE_STORE, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[terms, orders, coins, schedule, live, clock]: [
        OrderTerms,
        OrderStore,
        CoinService,
        ScheduleStore,
        LiveEvents,
        Clock,
      ]
    ) => new PlaceOrder({ terms, ids: orderIds, orders, coins, schedule, live, clock }),
  },
  {
    provide: PreviewOrder,
    inject: [OrderTerms, COIN_SERVICE, CLOCK],
    useFactory: (terms: OrderTerms, coins: CoinService, clock: Clock) => new PreviewOrder({ terms, coins, clock }),
  },
  {
    provide: ShowOrders,
    inject: [ORDER_STORE, SCHEDULE_STORE, RESULT_STORE, COIN_SERVICE, CLOCK],
    useFactory: (
      ...[orders, schedule, results, coins, clock]: [OrderStore, ScheduleStore, ResultStore, CoinService, Clock]
    ) => new ShowOrders({ orders, schedule, results, coins, clock }),
  },
  {
    provide: OrderRows,
    inject: [ORDER_STORE, SCHEDULE_STORE, RESULT_STORE, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[orders, schedule, results, live, clock]: [OrderStore, ScheduleStore, ResultStore, LiveEvents, Clock]
    ) => new OrderRows({ orders, schedule, results, live, clock }),
  },
  {
    provide: ListOrders,
    inject: [OrderRows, ShowOrders],
    useFactory: (rows: OrderRows, show: ShowOrders) => new ListOrders({ rows, show }),
  },
  {
    provide: GuardSpending,
    inject: [ORDER_STORE, COIN_SERVICE],
    useFactory: (orders: OrderStore, coins: CoinService) => new GuardSpending({ orders, coins }),
  },
  {
    provide: ImportOrders,
    inject: [OrderTerms, PlaceOrder, ORDER_STORE, COIN_SERVICE, LIVE_EVENTS, CLOCK],
    useFactory: (
      ...[terms, placeOrder, orders, coins, live, clock]: [
        OrderTerms,
        PlaceOrder,
        OrderStore,
        CoinService,
        LiveEvents,
        Clock,
      ]
    ) => new ImportOrders({ terms, placeOrder, orders, coins, live, clock }),
  },
  {
    provide: ChangeOrder,
    inject: [SCHEDULE_STORE, LIVE_EVENTS, CLOCK, NotePause],
    useFactory: (schedule: ScheduleStore, live: LiveEvents, clock: Clock, notePause: NotePause) =>
      new ChangeOrder({ schedule, live, clock, notePause }),
  },
  { provide: ShowRuns, inject: [RESULT_STORE], useFactory: (results: ResultStore) => new ShowRuns(results) },
  { provide: ExportRuns, inject: [RESULT_STORE], useFactory: (results: ResultStore) => new ExportRuns(results) },
  {
    provide: CountMiners,
    inject: [LIVE_EVENTS, CLOCK],
    useFactory: (live: LiveEvents, clock: Clock) => new CountMiners({ live, clock }),
  },
  {
    provide: StartTestFetch,
    inject: [TEST_FETCH_STORE, JOB_QUEUE, CLOCK, RANDOM, KERNEL_CONFIG, backendConfig.token, DenyListWatch],
    useFactory: (
      ...[tests, queue, clock, random, { hostGaps }, config, denied]: [
        TestFetchStore,
        JobQueue,
        Clock,
        Random,
        KernelConfig,
        BackendConfig,
        DenyListWatch,
      ]
    ) =>
      new StartTestFetch(
        { tests, queue, clock, random, gaps: hostGaps, ids: testFetchIds },
        {
          allowed: config.allowed,
          deniedBy: (host) => denied.patternFor(host),
          limits: { mostAnHour: config.testFetchesAnHour, mostAtOnce: config.testFetchesAtOnce },
        },
      ),
  },
  {
    provide: ShowTestFetch,
    inject: [TEST_FETCH_STORE, CountMiners, CLOCK],
    useFactory: (tests: TestFetchStore, miners: CountMiners, clock: Clock) =>
      new ShowTestFetch({ tests, miners, clock }),
  },
  { provide: ReadBody, inject: [RESULT_STORE], useFactory: (results: ResultStore) => new ReadBody(results) },
  {
    provide: ClaimFaucet,
    inject: [COIN_SERVICE, LIVE_EVENTS, CLOCK, backendConfig.token],
    useFactory: (coins: CoinService, live: LiveEvents, clock: Clock, config: BackendConfig) =>
      new ClaimFaucet({ coins, live, clock }, config),
  },
  {
    provide: ForecastCoins,
    inject: [ORDER_STORE, SCHEDULE_STORE, COIN_SERVICE, CLOCK],
    useFactory: (...[orders, schedule, coins, clock]: [OrderStore, ScheduleStore, CoinService, Clock]) =>
      new ForecastCoins({ orders, schedule, coins, clock }),
  },
  {
    provide: FinishPlacements,
    inject: [PlaceOrder, CLOCK, LOGGER],
    useFactory: (placeOrder: PlaceOrder, clock: Clock, logger: { error(fields: object, text: string): void }) =>
      new FinishPlacements({
        placeOrder,
        clock,
        onError: (err) => logger.error({ err }, 'half placed orders could not be finished'),
      }),
  },
  LiveGateway,
  ...notificationProviders,
]

@Module({
  imports: [PeopleModule, AccountsModule],
  controllers: [
    BulkOrdersController,
    OrdersController,
    RunsController,
    RunViewsController,
    TestFetchesController,
    CoinsController,
    NotificationsController,
  ],
  providers,
})
export class BackendModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(FinishPlacements) private readonly finishPlacements: FinishPlacements,
    @Inject(CountMiners) private readonly countMiners: CountMiners,
    @Inject(OrderRows) private readonly orderRows: OrderRows,
  ) {}

  onApplicationBootstrap(): void {
    this.finishPlacements.start()
    this.countMiners.start()
  }

  onModuleDestroy(): void {
    this.finishPlacements.stop()
    this.countMiners.stop()
    this.orderRows.close()
  }
}
