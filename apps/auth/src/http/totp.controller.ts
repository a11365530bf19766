import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import {
  confirmTotpSchema,
  enrolTotpSchema,
  removeTotpSchema,
  renewRecoveryCodesSchema,
  type RecoveryCodesView,
  type TotpEnrolmentView,
} from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { ConfirmTotp } from '../application/confirm-totp.ts'
import { sessionOfGrant } from '../application/ended-access.ts'
import { EnrolTotp } from '../application/enrol-totp.ts'
import { RemoveTotp } from '../application/remove-totp.ts'
import { RenewRecoveryCodes } from '../application/renew-recovery-codes.ts'
import { granted } from './refusals.ts'

@RequireScope('account')
@Controller('api/v1/auth')
export class TotpController {
  constructor(
    @Inject(EnrolTotp) private readonly enrolTotp: EnrolTotp,
    @Inject(ConfirmTotp) private readonly confirmTotp: ConfirmTotp,
    @Inject(RemoveTotp) private readonly removeTotp: RemoveTotp,
    @Inject(RenewRecoveryCodes) private readonly renewRecoveryCodes: RenewRecoveryCodes,
  ) {}

  @Post('totp/enrol')
  @HttpCode(200)
  async enrol(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: enrolTotpSchema }) body: z.output<typeof enrolTotpSchema>,
  ): Promise<TotpEnrolmentView> {
    return granted(await this.enrolTotp.run({ ...body, userId }))
  }

  @Post('totp/confirm')
  @HttpCode(200)
  async confirm(
    @CurrentUser() { userId, grant }: Identity,
    @Body({ schema: confirmTotpSchema }) body: z.output<typeof confirmTotpSchema>,
  ): Promise<RecoveryCodesView> {
    const { code, endOtherSessions = false } = body
    const confirmed = await this.confirmTotp.run({ userId, code, endOtherSessions, sessionId: sessionOfGrant(grant) })
    return { recoveryCodes: granted(confirmed) }
  }

  @Post('totp/remove')
  @HttpCode(204)
  async remove(
    @CurrentUser() { userId, grant }: Identity,
    @Body({ schema: removeTotpSchema }) body: z.output<typeof removeTotpSchema>,
  ): Promise<void> {
    const { endOtherSessions = false } = body
    granted(await this.removeTotp.run({ ...body, endOtherSessions, userId, sessionId: sessionOfGrant(grant) }))
  }

  @Post('recovery-codes')
  @HttpCode(200)
  async renewCodes(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: renewRecoveryCodesSchema }) body: z.output<typeof renewRecoveryCodesSchema>,
  ): Promise<RecoveryCodesView> {
    return { recoveryCodes: granted(await this.renewRecoveryCodes.run({ ...body, userId })) }
  }
}
