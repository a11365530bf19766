import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  faucetSchema,
  pageQuerySchema,
  type BalanceView,
  type CoinService,
  type JournalLine,
  type PageQuery,
  type PageView,
} from '@quarry/contracts'
import { COIN_SERVICE, CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { ClaimFaucet } from '../application/claim-faucet.ts'
import { backendConfig, type BackendConfig } from '../backend.config.ts'

@ApiTags('coins')
@ApiBearerAuth()
@Controller('api/v1/coins')
export class CoinsController {
  constructor(
    @Inject(COIN_SERVICE) private readonly coins: CoinService,
    @Inject(ClaimFaucet) private readonly faucet: ClaimFaucet,
    @Inject(backendConfig.token) private readonly config: BackendConfig,
  ) {}

  @Get('balance')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'Your coins' })
  async balance(@CurrentUser() { userId }: Identity): Promise<BalanceView> {
    return { ...(await this.coins.balance(userId)), faucet: this.config.faucet }
  }

  @Get('journal')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'Every movement of your coins, newest first' })
  journal(
    @Query({ schema: pageQuerySchema }) { after, limit }: PageQuery,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<JournalLine>> {
    return this.coins.journal(userId, { limit, ...(after !== undefined && { after }) })
  }

  @Post('faucet')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Coins for nothing, where the operator enables it' })
  async claim(
    @Body({ schema: faucetSchema }) body: z.infer<typeof faucetSchema>,
    @CurrentUser() user: Identity,
  ): Promise<BalanceView> {
    await this.faucet.run(user.userId, body.amountCoins)
    return this.balance(user)
  }
}
