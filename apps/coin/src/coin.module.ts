import { Global, Module } from '@nestjs/common'
import type { LiveEvents } from '@quarry/messaging-port'
import { COIN_SERVICE, LEDGER_STORE, LIVE_EVENTS } from '@quarry/service-kit'
import type { LedgerStore } from '@quarry/storage-port'
import { KeepAccounts } from './application/keep-accounts.ts'
import { SettleBatch } from './application/settle-batch.ts'
import { CoinsController } from './http/coins.controller.ts'
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
    SettlementsConsumer,
  ],
  exports: [COIN_SERVICE],
})
export class CoinModule {}
