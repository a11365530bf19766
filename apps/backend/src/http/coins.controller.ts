import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  faucetSchema,
  flowsSchema,
  journalExportSchema,
  journalPageSchema,
  type BalanceView,
  type CoinService,
  type FlowsQuery,
  type FlowsView,
  type ForecastView,
  type JournalExport,
  type JournalLine,
  type JournalPage,
  type PageView,
} from '@quarry/contracts'
import { dayOf, groupFlows, periodStart } from '@quarry/domain'
import { COIN_SERVICE, CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { z } from 'zod'
import { exportJournal } from '../application/export-journal.ts'
import { ForecastCoins } from '../application/forecast-coins.ts'
import { ClaimFaucet } from '../application/claim-faucet.ts'
import { backendConfig, type BackendConfig } from '../backend.config.ts'

@ApiTags('coins')
@ApiBearerAuth()
@Controller('api/v1/coins')
export class CoinsController {
  constructor(
    @Inject(COIN_SERVICE) private readonly coins: CoinService,
    @Inject(ForecastCoins) private readonly forecastCoins: ForecastCoins,
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
    @Query({ schema: journalPageSchema }) { after, limit, kind }: JournalPage,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<JournalLine>> {
    return this.coins.journal(userId, { limit, ...(after !== undefined && { after }), ...(kind && { kind }) })
  }

  @Get('journal/export')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'The whole journal, newest first, as CSV or JSON lines' })
  async exportAll(
    @Query({ schema: journalExportSchema }) { format, kind }: JournalExport,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pages = exportJournal(this.coins, { userId, format, ...(kind && { kind }) })
    // Whatever fails at once is answered with a code; later, the connection breaks and the file is seen to be incomplete.
    const first = await pages.next()
    await reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
      .header('content-disposition', `attachment; filename="quarry-journal.${format}"`)
      .send(Readable.from(resumed(first.value ?? '', pages)))
  }

  @Get('flows')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'What came and went by day, week or month and kind; days are in UTC' })
  async flows(
    @Query({ schema: flowsSchema }) { from, to, per }: FlowsQuery,
    @CurrentUser() { userId }: Identity,
  ): Promise<FlowsView> {
    const days = { from: periodStart(dayOf(Date.parse(from)), per), to: dayOf(Date.parse(to)) }
    const flows = groupFlows(await this.coins.flows(userId, days), per)
    return { flows: flows.map(({ day, ...flow }) => ({ ...flow, start: isoDay(day) })) }
  }

  @Get('forecast')
  @RequireScope('orders:read')
  @ApiOperation({
    summary: 'What running orders hold, what they use up in a day, and how long your coins last at that',
  })
  forecast(@CurrentUser() { userId }: Identity): Promise<ForecastView> {
    return this.forecastCoins.run(userId)
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

function isoDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}

async function* resumed(first: string, rest: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  yield first
  yield* rest
}
