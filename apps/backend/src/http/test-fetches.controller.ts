import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  startTestFetchSchema,
  testFetchIdSchema,
  type StartTestFetch as Wish,
  type TestFetchView,
} from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { FastifyReply } from 'fastify'
import { ShowTestFetch } from '../application/show-test-fetch.ts'
import { StartTestFetch } from '../application/start-test-fetch.ts'
import { checkedKey } from './checked-key.ts'
import { sendPreview } from './hostile-page.ts'

@ApiTags('test fetches')
@ApiBearerAuth()
@Controller('api/v1/test-fetches')
export class TestFetchesController {
  constructor(
    @Inject(StartTestFetch) private readonly startTestFetch: StartTestFetch,
    @Inject(ShowTestFetch) private readonly showTestFetch: ShowTestFetch,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireScope('orders:write')
  @ApiOperation({ summary: 'Have a miner fetch a page once, free of charge; some an hour' })
  async start(
    @Body({ schema: startTestFetchSchema }) { url }: Wish,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() { userId }: Identity,
  ): Promise<TestFetchView> {
    const started = await this.startTestFetch.run(url, userId, checkedKey(key))
    if (!started.ok) throw started.error
    return this.showTestFetch.one(started.value.id, userId)
  }

  @Get(':testId')
  @RequireScope('results:read')
  @ApiOperation({ summary: 'A test fetch of the last hour and what came of it' })
  show(
    @Param('testId', { schema: testFetchIdSchema }) testId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<TestFetchView> {
    return this.showTestFetch.one(testId, userId)
  }

  @Get(':testId/preview')
  @RequireScope('results:read')
  @ApiOperation({ summary: 'The fetched page for a sandboxed frame' })
  async preview(
    @Param('testId', { schema: testFetchIdSchema }) testId: string,
    @CurrentUser() { userId }: Identity,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPreview(reply, await this.showTestFetch.page(testId, userId))
  }
}
