import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { firstPasswordSchema, unlinkSchema, type LinkedSignInView } from '@quarry/contracts'
import { CurrentUser, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { sessionOfGrant } from '../application/ended-access.ts'
import { KeepLinks } from '../application/keep-links.ts'
import { SetFirstPassword } from '../application/set-first-password.ts'
import { SignInElsewhere } from '../application/sign-in-elsewhere.ts'
import { granted } from './refusals.ts'

/** The other ways in of an account, and the password of one that came by them. */
@RequireScope('account')
@Controller('api/v1/auth')
export class LinksController {
  constructor(
    @Inject(KeepLinks) private readonly links: KeepLinks,
    @Inject(SignInElsewhere) private readonly elsewhere: SignInElsewhere,
    @Inject(SetFirstPassword) private readonly setFirstPassword: SetFirstPassword,
  ) {}

  @Get('links')
  list(@CurrentUser() { userId }: Identity): Promise<readonly LinkedSignInView[]> {
    return this.links.list(userId, (provider) => this.elsewhere.nameOf(provider))
  }

  @Post('links/:id/unlink')
  @HttpCode(204)
  async unlink(
    @CurrentUser() { userId }: Identity,
    @Param('id') linkId: string,
    @Body({ schema: unlinkSchema }) shown: z.output<typeof unlinkSchema>,
  ): Promise<void> {
    granted(await this.links.unlink({ ...shown, userId }, linkId))
  }

  @Post('password/first')
  @HttpCode(204)
  async firstPassword(
    @CurrentUser() { userId, grant }: Identity,
    @Body({ schema: firstPasswordSchema }) body: z.output<typeof firstPasswordSchema>,
  ): Promise<void> {
    granted(await this.setFirstPassword.run({ ...body, userId, sessionId: sessionOfGrant(grant) }))
  }
}
