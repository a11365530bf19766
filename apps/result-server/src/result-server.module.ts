import { Module } from '@nestjs/common'
import type { Clock, Random } from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import {
  CLOCK,
  LEDGER_STORE,
  LIVE_EVENTS,
  OPERATOR_STORE,
  ORDER_STORE,
  RANDOM,
  RESULT_BUS,
  RESULT_STORE,
  SCHEDULE_STORE,
  TEST_FETCH_STORE,
} from '@quarry/service-kit'
import type { OwingStores, ResultStore, TestFetchStore } from '@quarry/storage-port'
import { Resettle } from './application/resettle.ts'
import { StoreResults } from './application/store-results.ts'
import { OwedSettler } from './queue/owed.settler.ts'
import { ResultsConsumer } from './queue/results.consumer.ts'
import { ResultsGateway } from './socket/results.gateway.ts'

@Module({
  providers: [
    {
      provide: StoreResults,
      inject: [RESULT_STORE, TEST_FETCH_STORE, RESULT_BUS, LIVE_EVENTS, CLOCK],
      useFactory: (
        ...[results, testFetches, bus, live, clock]: [ResultStore, TestFetchStore, ResultBus, LiveEvents, Clock]
      ) => new StoreResults({ results, testFetches, bus, live, clock }),
    },
    {
      provide: Resettle,
      inject: [RESULT_STORE, ORDER_STORE, SCHEDULE_STORE, OPERATOR_STORE, LEDGER_STORE, RESULT_BUS, CLOCK, RANDOM],
      useFactory: (
        ...[results, orders, schedule, operator, ledger, bus, clock, random]: [
          ...[OwingStores['results'], OwingStores['orders'], OwingStores['schedule'], OwingStores['operator']],
          ...[OwingStores['ledger'], ResultBus, Clock, Random],
        ]
      ) => new Resettle({ stores: { results, orders, schedule, operator, ledger }, bus, clock, random }),
    },
    ResultsConsumer,
    OwedSettler,
    ResultsGateway,
  ],
})
export class ResultServerModule {}
