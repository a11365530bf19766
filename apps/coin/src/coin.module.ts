import { Global, Module } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import { CLOCK, COIN_SERVICE, LEDGER_STORE, LIVE_EVENTS } from '@quarry/service-kit'
import type { LedgerStore } from '@quarry/storage-port'
import { KeepAccounts } from './application/keep-accounts.ts'
import { SettleBatch } from './application/settle-batch.ts'
import { SweepLedger } from './application/sweep-ledger.ts'
import { coinConfig, type CoinConfig } from './coin.config.ts'
import { CoinsController } from './http/coins.controller.ts'
import { LedgerSweeper } from './queue/ledger.sweeper.ts'
import { SettlementsConsumer } from './queue/settlements.consumer.ts'

@Global()
@Module({
  controllers: [CoinsController],
  providers: [
    { provide: COIN_SERVICE, inject: [LEDGER_STORE], useFactory: (ledger: LedgerStore) => new KeepAccounts(ledger) },
    {
      provide: SettleBatch,
      inject: [LEDGER_STORE, LIVE_EVENTS],
      useFactory: (ledger: LedgerStore, live: LiveEvents) => new SettleBatch(ledger, live),
    },
    {
      provide: SweepLedger,
      inject: [LEDGER_STORE, CLOCK, coinConfig.token],
      useFactory: (ledger: LedgerStore, clock: Clock, config: CoinConfig) =>
        new SweepLedger(ledger, clock, config.sweepAgeMs),
    },
    SettlementsConsumer,
    LedgerSweeper,
  ],
  exports: [COIN_SERVICE],
})
export class CoinModule {}
