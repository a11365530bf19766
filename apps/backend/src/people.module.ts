import { Module } from '@nestjs/common'
import type { CoinService } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import type { LiveEvents, Presence } from '@quarry/messaging-port'
import { CLOCK, COIN_SERVICE, LIVE_EVENTS, PEOPLE_STORE, PRESENCE } from '@quarry/service-kit'
import type { PeopleStore } from '@quarry/storage-port'
import { JoinLeaderboard } from './application/join-leaderboard.ts'
import { ShowMarket } from './application/show-market.ts'
import { ShowMiners } from './application/show-miners.ts'
import { MinersController } from './http/miners.controller.ts'

/** Miners and what is shown of them. */
@Module({
  controllers: [MinersController],
  providers: [
    {
      provide: ShowMiners,
      inject: [PRESENCE, PEOPLE_STORE, COIN_SERVICE, LIVE_EVENTS, CLOCK],
      useFactory: (
        ...[presence, people, coins, live, clock]: [Presence, PeopleStore, CoinService, LiveEvents, Clock]
      ) => new ShowMiners({ presence, people, coins, live, clock }),
    },
    {
      provide: ShowMarket,
      inject: [PRESENCE, PEOPLE_STORE, CLOCK],
      useFactory: (presence: Presence, people: PeopleStore, clock: Clock) =>
        new ShowMarket({ presence, people, clock }),
    },
    {
      provide: JoinLeaderboard,
      inject: [PEOPLE_STORE, LIVE_EVENTS, ShowMarket],
      useFactory: (people: PeopleStore, live: LiveEvents, market: ShowMarket) =>
        new JoinLeaderboard({ people, live, market }),
    },
  ],
})
export class PeopleModule {}
