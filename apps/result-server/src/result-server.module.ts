import { Module } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { LiveEvents, ResultBus } from '@quarry/messaging-port'
import { CLOCK, LIVE_EVENTS, RESULT_BUS, RESULT_STORE, TEST_FETCH_STORE } from '@quarry/service-kit'
import type { ResultStore, TestFetchStore } from '@quarry/storage-port'
import { StoreResults } from './application/store-results.ts'
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
    ResultsConsumer,
    ResultsGateway,
  ],
})
export class ResultServerModule {}
