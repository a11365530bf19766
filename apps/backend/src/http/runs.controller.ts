import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import { orderIdSchema, pageQuerySchema, repSchema, type PageQuery, type PageView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { CurrentUser, RequireScope, RESULT_STORE, type Identity } from '@quarry/service-kit'
import type { ResultStore } from '@quarry/storage-port'
import type { FastifyReply } from 'fastify'
import { ReadBody } from '../application/read-body.ts'
import { ShowOrders } from '../application/show-orders.ts'

/** A stored page is hostile: it is only ever handed out as a download, or in a sandbox that runs and loads nothing. */
const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

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

  @Get(':rep/body')
  @ApiOperation({ summary: 'The page byte for byte, as a download' })
  async body(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Param('rep', { schema: repSchema }) rep: number,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.showOrders.owned(orderId, userId)
    const page = await this.readBody.run(orderId, rep)
    reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${orderId}-${rep}.bin"`)
      .header('content-security-policy', SANDBOX)
      .header('x-content-sha256', page.content.sha256)
      .send(Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength))
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
    const page = await this.readBody.run(orderId, rep)
    reply
      .type(previewType(page.contentType))
      .header('content-security-policy', SANDBOX)
      .send(Buffer.from(page.bytes.buffer, page.bytes.byteOffset, page.bytes.byteLength))
  }
}

/** HTML stays HTML, with the site's own charset; everything else is shown as text. */
function previewType(contentType: string): string {
  const charset = /charset=["']?([A-Za-z0-9_:.-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8'
  return `${/^text\/html|^application\/xhtml/i.test(contentType) ? 'text/html' : 'text/plain'}; charset=${charset}`
}
