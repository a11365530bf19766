import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Put } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  bulkOrderSchema,
  spendLimitsSchema,
  type BulkOrder,
  type BulkView,
  type SpendLimitsView,
} from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { CLOCK, CurrentUser, invalidInput, ORDER_STORE, RequireScope, type Identity } from '@quarry/service-kit'
import type { OrderStore } from '@quarry/storage-port'
import type { z } from 'zod'
import { GuardSpending } from '../application/guard-spending.ts'
import { ImportOrders } from '../application/import-orders.ts'
import { checkedKey } from './checked-key.ts'

/** Many orders at once, and what they may cost. Stands before `OrdersController`, whose paths take any id. */
@ApiTags('orders')
@ApiBearerAuth()
@Controller('api/v1/orders')
export class BulkOrdersController {
  constructor(
    @Inject(ImportOrders) private readonly importOrders: ImportOrders,
    @Inject(GuardSpending) private readonly spending: GuardSpending,
    @Inject(ORDER_STORE) private readonly orders: OrderStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('bulk')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({
    summary: 'Place up to 1,000 orders on the same terms, from lines or CSV',
    description: 'Needs an Idempotency-Key. Nothing is placed while a line is wrong, unless placeValid is set.',
  })
  place(
    @Body({ schema: bulkOrderSchema }) body: BulkOrder,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() { userId }: Identity,
  ): Promise<BulkView> {
    const checked = checkedKey(key)
    if (checked === undefined) throw invalidInput([{ message: 'is missing', path: ['Idempotency-Key'] }])
    return this.importOrders.run(body, userId, checked)
  }

  @Post('bulk/check')
  @HttpCode(200)
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'What is wrong with each line of a bulk order, and what it would cost; changes nothing' })
  check(@Body({ schema: bulkOrderSchema }) body: BulkOrder, @CurrentUser() { userId }: Identity): Promise<BulkView> {
    return this.importOrders.check(body, userId)
  }

  @Get('limits')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'The limits you set for one order and for a month, and what this month has cost' })
  async limits(@CurrentUser() { userId }: Identity): Promise<SpendLimitsView> {
    const { limits, spentCoins } = await this.spending.stand(userId, this.clock.now())
    return { ...limits, spentThisMonthCoins: spentCoins }
  }

  @Put('limits')
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Set the limits; what is left out has none. Orders placed before stay' })
  async setLimits(
    @Body({ schema: spendLimitsSchema }) { orderCoins, monthCoins }: z.infer<typeof spendLimitsSchema>,
    @CurrentUser() { userId }: Identity,
  ): Promise<SpendLimitsView> {
    const limits = { ...(orderCoins !== undefined && { orderCoins }), ...(monthCoins !== undefined && { monthCoins }) }
    await this.orders.setSpendLimits(userId, limits)
    return this.limits({ userId } as Identity)
  }
}
