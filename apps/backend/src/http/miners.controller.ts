import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  CodedError,
  deviceIdSchema,
  joinLeaderboardSchema,
  type LeaderboardView,
  type MarketView,
  type MinersView,
} from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { JoinLeaderboard } from '../application/join-leaderboard.ts'
import { ShowMarket } from '../application/show-market.ts'
import { ShowMiners } from '../application/show-miners.ts'

@ApiTags('miners')
@ApiBearerAuth()
@Controller('api/v1')
export class MinersController {
  constructor(
    @Inject(ShowMiners) private readonly showMiners: ShowMiners,
    @Inject(ShowMarket) private readonly showMarket: ShowMarket,
    @Inject(JoinLeaderboard) private readonly joinLeaderboard: JoinLeaderboard,
  ) {}

  @Get('miners')
  @RequireScope('mine')
  @ApiOperation({ summary: 'Your devices, what they do, and what they earn' })
  miners(@CurrentUser() { userId }: Identity): Promise<MinersView> {
    return this.showMiners.run(userId)
  }

  @Delete('miners/:deviceId')
  @HttpCode(204)
  @RequireScope('account')
  @ApiOperation({ summary: 'Take a device that is away off the list' })
  async forget(
    @Param('deviceId', { schema: deviceIdSchema }) deviceId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<void> {
    if (await this.showMiners.forget(userId, deviceId)) return
    throw new CodedError('wrong_state', 'The device is connected, or not on the list.')
  }

  @Get('market')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'The marketplace at this moment: counts only' })
  market(): Promise<MarketView> {
    return this.showMarket.market()
  }

  @Get('leaderboard')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'This week’s miners by coins paid, of those who joined' })
  leaderboard(@CurrentUser() { userId }: Identity): Promise<LeaderboardView> {
    return this.showMarket.leaderboard(userId)
  }

  @Put('leaderboard/nickname')
  @HttpCode(204)
  @RequireScope('account')
  @ApiOperation({ summary: 'Join the leaderboard under a nickname, or change it' })
  join(
    @Body({ schema: joinLeaderboardSchema }) { nickname }: z.infer<typeof joinLeaderboardSchema>,
    @CurrentUser() { userId }: Identity,
  ): Promise<void> {
    return this.joinLeaderboard.join(userId, nickname)
  }

  @Delete('leaderboard/nickname')
  @HttpCode(204)
  @RequireScope('account')
  @ApiOperation({ summary: 'Leave the leaderboard, at once' })
  leave(@CurrentUser() { userId }: Identity): Promise<void> {
    return this.joinLeaderboard.leave(userId)
  }
}
