import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  changeOrderSchema,
  orderIdSchema,
  orderListQuerySchema,
  pauseOrderSchema,
  placeOrderSchema,
  type CancelView,
  type OrderPreview,
  type OrderView,
  type OrderListQuery,
  type OrderSummary,
  type PageView,
  type PlaceOrder as Wish,
} from '@quarry/contracts'
import type { Clock, EntryRequest, Result } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import { CLOCK, CurrentUser, LIVE_EVENTS, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { ChangeOrder } from '../application/change-order.ts'
import { PlaceOrder } from '../application/place-order.ts'
import { PreviewOrder } from '../application/preview-order.ts'
import { ListOrders } from '../application/list-orders.ts'
import { ShowOrders } from '../application/show-orders.ts'
import { checkedKey } from './checked-key.ts'

@ApiTags('orders')
@ApiBearerAuth()
@Controller('api/v1/orders')
export class OrdersController {
  constructor(
    @Inject(PlaceOrder) private readonly placeOrder: PlaceOrder,
    @Inject(PreviewOrder) private readonly previewOrder: PreviewOrder,
    @Inject(ShowOrders) private readonly showOrders: ShowOrders,
    @Inject(ChangeOrder) private readonly changeOrder: ChangeOrder,
    @Inject(ListOrders) private readonly listOrders: ListOrders,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Place an order; its coins go into escrow' })
  async place(
    @Body({ schema: placeOrderSchema }) wish: Wish,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    const order = valueOf(await this.placeOrder.run(wish, userId, checkedKey(key)))
    return this.showOrders.one(order.id, userId)
  }

  @Post('preview')
  @HttpCode(200)
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'What an order would cost and when it would run; changes nothing' })
  async preview(
    @Body({ schema: placeOrderSchema }) wish: Wish,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderPreview> {
    return valueOf(await this.previewOrder.run(wish, userId))
  }

  @Get()
  @RequireScope('orders:read')
  @ApiOperation({
    summary: 'Your orders, newest first; searched, filtered and sorted on request',
    description: 'Search, filters and other orders than newest first look at the newest 10,000 orders.',
  })
  list(
    @Query({ schema: orderListQuerySchema }) query: OrderListQuery,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<OrderView>> {
    return this.listOrders.page(userId, query)
  }

  @Get('summary')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'How many of your orders are in each state and have each tag' })
  summary(@CurrentUser() { userId }: Identity): Promise<OrderSummary> {
    return this.listOrders.summary(userId)
  }

  @Get(':orderId')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'One order, where it stands and what became of its coins' })
  show(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    return this.showOrders.one(orderId, userId)
  }

  @Patch(':orderId')
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Change the name and tags of an order; nothing else may change after placing' })
  async relabel(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Body({ schema: changeOrderSchema }) { name, tags }: z.infer<typeof changeOrderSchema>,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    const change = { ...(name !== undefined && { name }), ...(tags !== undefined && { tags }) }
    const order = await this.showOrders.relabel(orderId, userId, change)
    this.listOrders.changed(userId, orderId)
    this.live.publish(`user:${userId}`, { kind: 'order-changed', orderId })
    return order
  }

  @Post(':orderId/pause')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Pause: what is not emitted yet waits' })
  pause(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Body({ schema: pauseOrderSchema.optional() }) body: z.infer<typeof pauseOrderSchema> | undefined,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    return this.#change(orderId, userId, { kind: 'pause', ...(body?.reason !== undefined && { reason: body.reason }) })
  }

  @Post(':orderId/resume')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Resume a paused order at the next time of its schedule' })
  resume(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    return this.#change(orderId, userId, { kind: 'resume', now: this.clock.now() })
  }

  @Post(':orderId/run-now')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Bring the next repetition forward to now' })
  runNow(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<OrderView> {
    return this.#change(orderId, userId, { kind: 'run-now' })
  }

  @Post(':orderId/cancel')
  @HttpCode(200)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Cancel: the coins of all repetitions not emitted yet come back' })
  async cancel(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<CancelView> {
    const { priceCoins, repetitions } = await this.showOrders.owned(orderId, userId)
    const entry = await this.changeOrder.run(orderId, userId, { kind: 'cancel' })
    const refundedCoins = Math.max(0, repetitions - (entry.firstSkipped ?? repetitions)) * priceCoins
    return { order: await this.showOrders.one(orderId, userId), refundedCoins }
  }

  async #change(orderId: string, userId: string, request: EntryRequest): Promise<OrderView> {
    await this.showOrders.owned(orderId, userId)
    await this.changeOrder.run(orderId, userId, request)
    return this.showOrders.one(orderId, userId)
  }
}

function valueOf<T>(result: Result<T, Error>): T {
  if (!result.ok) throw result.error
  return result.value
}
