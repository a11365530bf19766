import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common'
import { confirmTotpSchema, enrolTotpSchema, type RecoveryCodesView, type TotpEnrolmentView } from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { ConfirmTotp } from '../application/confirm-totp.ts'
import { EnrolTotp } from '../application/enrol-totp.ts'
import { AuthCookies } from './auth-cookies.ts'
import { granted } from './refusals.ts'
import type { WebRequest } from './web-message.ts'

@RequireScope('account')
@Controller('api/v1/auth/totp')
export class TotpController {
  constructor(
    @Inject(EnrolTotp) private readonly enrolTotp: EnrolTotp,
    @Inject(ConfirmTotp) private readonly confirmTotp: ConfirmTotp,
    @Inject(AuthCookies) private readonly cookies: AuthCookies,
  ) {}

  @Post('enrol')
  @HttpCode(200)
  async enrol(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: enrolTotpSchema }) body: z.output<typeof enrolTotpSchema>,
  ): Promise<TotpEnrolmentView> {
    return granted(await this.enrolTotp.run({ ...body, userId }))
  }

  @Post('confirm')
  @HttpCode(200)
  async confirm(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: confirmTotpSchema }) body: z.output<typeof confirmTotpSchema>,
    @Req() request: WebRequest,
  ): Promise<RecoveryCodesView> {
    const { code, endOtherSessions = false } = body
    const refreshToken = this.cookies.refreshToken(request)
    return { recoveryCodes: granted(await this.confirmTotp.run({ userId, code, endOtherSessions, refreshToken })) }
  }
}
