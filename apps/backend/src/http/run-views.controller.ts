import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  exportFormatSchema,
  orderIdSchema,
  timelineQuerySchema,
  versionsQuerySchema,
  type ExportFormat,
  type PageView,
  type RunSummary,
  type TimelineQuery,
  type VersionView,
} from '@quarry/contracts'
import type { Clock, UserId } from '@quarry/domain'
import { CLOCK, CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { z } from 'zod'
import { ExportRuns } from '../application/export-runs.ts'
import { ShowOrders } from '../application/show-orders.ts'
import { ShowRuns } from '../application/show-runs.ts'
import { zipStream } from './zip-stream.ts'

const types: Readonly<Record<ExportFormat, string>> = {
  zip: 'application/zip',
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

/** An order's runs as a whole: in short, by their contents, and to take away. */
@ApiTags('results')
@ApiBearerAuth()
@RequireScope('results:read')
@Controller('api/v1/orders/:orderId')
export class RunViewsController {
  constructor(
    @Inject(ShowOrders) private readonly showOrders: ShowOrders,
    @Inject(ShowRuns) private readonly showRuns: ShowRuns,
    @Inject(ExportRuns) private readonly exportRuns: ExportRuns,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('timeline')
  @ApiOperation({ summary: 'Runs in short, newest repetition first, from any repetition on, by outcome' })
  async timeline(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Query({ schema: timelineQuerySchema }) query: TimelineQuery,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<RunSummary>> {
    await this.showOrders.owned(orderId, userId)
    return this.showRuns.timeline(orderId, query)
  }

  @Get('versions')
  @ApiOperation({ summary: 'The distinct contents of the pages, with when each came first and last' })
  async versions(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Query({ schema: versionsQuerySchema }) { after }: z.infer<typeof versionsQuerySchema>,
    @CurrentUser() { userId }: Identity,
  ): Promise<PageView<VersionView>> {
    await this.showOrders.owned(orderId, userId)
    return this.showRuns.versions(orderId, after)
  }

  @Get('export/:format')
  @ApiOperation({ summary: 'All runs as zip (with pages), jsonl or csv; a stream' })
  async export(
    @Param('orderId', { schema: orderIdSchema }) orderId: string,
    @Param('format', { schema: exportFormatSchema }) format: ExportFormat,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.showOrders.owned(orderId, userId)
    const stream = this.#stream(orderId, userId, format)
    // Whoever goes away in the middle ends the reading, not only the sending.
    reply.raw.once('close', () => stream.destroy())
    reply
      .type(types[format])
      .header('content-disposition', `attachment; filename="${orderId}.${format}"`)
      .header('content-security-policy', "sandbox; default-src 'none'")
      .header('x-content-type-options', 'nosniff')
      .send(stream)
  }

  #stream(orderId: string, userId: UserId, format: ExportFormat): Readable {
    if (format === 'jsonl') return Readable.from(this.exportRuns.jsonLines(orderId))
    if (format === 'csv') return Readable.from(this.exportRuns.csv(orderId))
    const written = new Set<string>()
    return zipStream({
      files: this.exportRuns.files(orderId, userId, written),
      manifest: this.exportRuns.manifest(orderId, written),
      manifestName: 'manifest.jsonl',
      at: new Date(this.clock.now()),
    })
  }
}
