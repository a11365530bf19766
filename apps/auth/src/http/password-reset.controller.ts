import { Body, Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common'
import { forgotPasswordSchema, resetPasswordSchema } from '@quarry/contracts'
import { OpenToAll } from '@quarry/service-kit'
import type { z } from 'zod'
import { AskPasswordReset } from '../application/ask-password-reset.ts'
import { ResetPassword } from '../application/reset-password.ts'
import { AuthCookies } from './auth-cookies.ts'
import { granted } from './refusals.ts'
import { SameSiteGuard } from './same-site.guard.ts'
import type { WebRequest } from './web-message.ts'

@OpenToAll()
@UseGuards(SameSiteGuard)
@Controller('api/v1/auth/password')
export class PasswordResetController {
  constructor(
    @Inject(AskPasswordReset) private readonly askPasswordReset: AskPasswordReset,
    @Inject(ResetPassword) private readonly resetPassword: ResetPassword,
    @Inject(AuthCookies) private readonly cookies: AuthCookies,
  ) {}

  @Post('forgot')
  @HttpCode(202)
  forgot(@Body({ schema: forgotPasswordSchema }) body: z.output<typeof forgotPasswordSchema>): { status: 'accepted' } {
    granted(this.askPasswordReset.run(body))
    return { status: 'accepted' }
  }

  @Post('reset')
  @HttpCode(204)
  async reset(
    @Body({ schema: resetPasswordSchema }) body: z.output<typeof resetPasswordSchema>,
    @Req() request: WebRequest,
  ): Promise<void> {
    granted(await this.resetPassword.run({ ...body, deviceToken: this.cookies.deviceToken(request) }))
  }
}
