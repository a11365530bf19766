import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import { userCodeSchema, type DeviceRequestView } from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { DecideDeviceGrant } from '../application/decide-device-grant.ts'
import { granted } from './refusals.ts'

type UserCodeBody = z.output<typeof userCodeSchema>

/** The person's side of the device flow: see what asks, and decide. */
@RequireScope('account')
@Controller('api/v1/auth/device')
export class DeviceController {
  constructor(@Inject(DecideDeviceGrant) private readonly decide: DecideDeviceGrant) {}

  @Post('look')
  @HttpCode(200)
  async look(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: userCodeSchema }) { userCode }: UserCodeBody,
  ): Promise<DeviceRequestView> {
    return granted(await this.decide.look(userId, userCode))
  }

  @Post('approve')
  @HttpCode(204)
  async approve(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: userCodeSchema }) { userCode }: UserCodeBody,
  ): Promise<void> {
    granted(await this.decide.decide(userId, userCode, 'approved'))
  }

  @Post('refuse')
  @HttpCode(204)
  async refuse(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: userCodeSchema }) { userCode }: UserCodeBody,
  ): Promise<void> {
    granted(await this.decide.decide(userId, userCode, 'refused'))
  }
}
