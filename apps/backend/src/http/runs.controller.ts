import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import { orderIdSchema, pageQuerySchema, repSchema, type PageQuery, type PageView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { CurrentUser, RequireScope, RESULT_STORE, type Identity } from '@quarry/service-kit'
import type { ResultStore } from '@quarry/storage-port'
import type { FastifyReply } from 'fastify'
import { ReadBody } from '../application/read-body.ts'
import { ShowOrders } from '../application/show-orders.ts'
import { sendDownload, sendPreview } from './hostile-page.ts'

@ApiTags('results')
@ApiBearerAuth()
@RequireScope('results:read')
@Controller('api/v1/orders/:orderId/runs')
export class RunsController {
  constructor(
    @Inject(ShowOrders) private readonly showOrders: ShowOrders,
    @Inject(ReadBody) private readonly readBody: ReadBody,
    @Inject(RESULT_STORE) private readonly results: ResultStore,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Runs of an order, newest repetition first' })
  async list(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Query({ schema: pageQuerySchema }) { after, limit }: PageQuery,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<RunResult>> {
    await this.showOrders.owned(orderId, userId)
    return this.results.runsOf(orderId, { limit, ...(after !== undefined && { after }) })
  }

  @Get(':rep')
  @ApiOperation({ summary: 'One run of an order' })
  async one(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Param('rep', { schema: repSchema }) rep: number,
    @CurrentUser() { userId }: Identity,
  ): Promise<RunResult> {
    await this.showOrders.owned(orderId, userId)
    return this.readBody.runOf(orderId, rep)
  }

  @Get(':rep/body')
  @ApiOperation({ summary: 'The page byte for byte, as a download' })
  async body(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Param('rep', { schema: repSchema }) rep: number,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.showOrders.owned(orderId, userId)
    sendDownload(reply, await this.readBody.run(orderId, rep), `${orderId}-${rep}.bin`)
  }

  @Get(':rep/preview')
  @ApiOperation({ summary: 'The page for a sandboxed frame' })
  async preview(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Param('rep', { schema: repSchema }) rep: number,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.showOrders.owned(orderId, userId)
    sendPreview(reply, await this.readBody.run(orderId, rep))
  }
}
