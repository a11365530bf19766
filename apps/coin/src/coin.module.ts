import { Global, Module } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { LiveEvents, Presence } from '@quarry/messaging-port'
import { CLOCK, COIN_SERVICE, LEDGER_STORE, LIVE_EVENTS, PEOPLE_STORE, PRESENCE } from '@quarry/service-kit'
import type { LedgerStore, PeopleStore } from '@quarry/storage-port'
import { CountEarnings } from './application/count-earnings.ts'
import { KeepAccounts } from './application/keep-accounts.ts'
import { SettleBatch } from './application/settle-batch.ts'
import { SweepLedger } from './application/sweep-ledger.ts'
import { coinConfig, type CoinConfig } from './coin.config.ts'
import { CoinsController } from './http/coins.controller.ts'
import { EarningsCounter } from './queue/earnings.counter.ts'
import { LedgerSweeper } from './queue/ledger.sweeper.ts'
import { SettlementsConsumer } from './queue/settlements.consumer.ts'

@Global()
@Module({
  controllers: [CoinsController],
  providers: [
    { provide: COIN_SERVICE, inject: [LEDGER_STORE], useFactory: (ledger: LedgerStore) => new KeepAccounts(ledger) },
    {
      provide: SettleBatch,
      inject: [LEDGER_STORE, LIVE_EVENTS, CountEarnings],
      useFactory: (ledger: LedgerStore, live: LiveEvents, earnings: CountEarnings) =>
        new SettleBatch({ ledger, live, earnings }),
    },
    {
      provide: CountEarnings,
      inject: [PEOPLE_STORE, PRESENCE, LIVE_EVENTS, CLOCK],
      useFactory: (people: PeopleStore, presence: Presence, live: LiveEvents, clock: Clock) =>
        new CountEarnings({ people, presence, live, clock }),
    },
    {
      provide: SweepLedger,
      inject: [LEDGER_STORE, CLOCK, coinConfig.token],
      useFactory: (ledger: LedgerStore, clock: Clock, config: CoinConfig) =>
        new SweepLedger(ledger, clock, config.sweepAgeMs),
    },
    SettlementsConsumer,
    EarningsCounter,
    LedgerSweeper,
  ],
  exports: [COIN_SERVICE],
})
export class CoinModule {}
