import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  changeEndpointSchema,
  createEndpointSchema,
  endpointIdSchema,
  eventIdSchema,
  notificationSettingsSchema,
  rotateSecretSchema,
  unsubscribeSchema,
  type ChangeEndpoint,
  type CreateEndpoint,
  type DeliveryView,
  type EndpointView,
  type EndpointWithSecret,
  type NotificationSettings,
  type NotificationsView,
} from '@quarry/contracts'
import { CurrentUser, OpenToAll, RequireScope, TakesForms, type Identity } from '@quarry/service-kit'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { KeepWishes } from '../application/notifications/keep-wishes.ts'
import { TryEndpoint } from '../application/notifications/try-endpoint.ts'

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('api/v1/notifications')
@RequireScope('account')
export class NotificationsController {
  constructor(
    @Inject(KeepWishes) private readonly keepWishes: KeepWishes,
    @Inject(TryEndpoint) private readonly tryEndpoint: TryEndpoint,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What you are told, and how your webhooks do' })
  show(@CurrentUser() { userId }: Identity): Promise<NotificationsView> {
    return this.keepWishes.show(userId)
  }

  @Post('settings')
  @HttpCode(200)
  @ApiOperation({ summary: 'Which mails you get, and from when on something counts as failing or low' })
  settings(
    @Body({ schema: notificationSettingsSchema }) settings: NotificationSettings,
    @CurrentUser() { userId }: Identity,
  ): Promise<NotificationsView> {
    return this.keepWishes.saveSettings(userId, settings)
  }

  @Post('endpoints')
  @ApiOperation({ summary: 'Add a webhook; the answer is the only time that its secret is shown' })
  create(
    @Body({ schema: createEndpointSchema }) wish: CreateEndpoint,
    @CurrentUser() { userId }: Identity,
  ): Promise<EndpointWithSecret> {
    return this.keepWishes.create(userId, wish)
  }

  @Post('endpoints/:endpointId')
  @HttpCode(200)
  @ApiOperation({ summary: 'Change a webhook, switch it off or on again' })
  change(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @Body({ schema: changeEndpointSchema }) change: ChangeEndpoint,
    @CurrentUser() { userId }: Identity,
  ): Promise<EndpointView> {
    return this.keepWishes.changeEndpoint(userId, endpointId, change)
  }

  @Delete('endpoints/:endpointId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a webhook; repeating it changes nothing' })
  remove(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<void> {
    return this.keepWishes.remove(userId, endpointId)
  }

  @Post('endpoints/:endpointId/secret')
  @HttpCode(200)
  @ApiOperation({ summary: 'A new secret; for a while the one before signs as well' })
  rotate(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @Body({ schema: rotateSecretSchema }) { overlapHours }: z.infer<typeof rotateSecretSchema>,
    @CurrentUser() { userId }: Identity,
  ): Promise<EndpointWithSecret> {
    return this.keepWishes.rotate(userId, endpointId, overlapHours)
  }

  @Post('endpoints/:endpointId/test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send a test and say what came of it' })
  test(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<DeliveryView> {
    return this.tryEndpoint.test(userId, endpointId)
  }

  @Get('endpoints/:endpointId/deliveries')
  @ApiOperation({ summary: 'The last deliveries of a webhook, newest first, at most 100' })
  deliveries(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<readonly DeliveryView[]> {
    return this.keepWishes.deliveries(userId, endpointId)
  }

  @Post('endpoints/:endpointId/deliveries/:eventId/resend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Send a delivery again, under the same webhook-id' })
  resend(
    @Param('endpointId', { schema: endpointIdSchema }) endpointId: string,
    @Param('eventId', { schema: eventIdSchema }) eventId: string,
    @CurrentUser() { userId }: Identity,
  ): Promise<DeliveryView> {
    return this.tryEndpoint.resend(userId, endpointId, eventId)
  }

  @Get('unsubscribe')
  @OpenToAll()
  @ApiOperation({ summary: 'The link of a mail: leads to the page that ends the mails' })
  unsubscribePage(
    @Query({ schema: unsubscribeSchema }) { token }: z.infer<typeof unsubscribeSchema>,
    @Res() reply: FastifyReply,
  ): void {
    reply.redirect(`/unsubscribe?token=${encodeURIComponent(token)}`, 303)
  }

  // Mail programs end a subscription by posting a form (RFC 8058).
  @Post('unsubscribe')
  @HttpCode(200)
  @TakesForms()
  @OpenToAll()
  @ApiOperation({ summary: 'Ends all mails of whom the token was made for; nothing else than the token is needed' })
  async unsubscribe(
    @Query({ schema: unsubscribeSchema }) { token }: z.infer<typeof unsubscribeSchema>,
  ): Promise<{ readonly unsubscribed: true }> {
    await this.keepWishes.unsubscribe(token)
    return { unsubscribed: true }
  }
}
