import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common'
import {
  changePasswordSchema,
  languageChoiceSchema,
  type OwnAccountView,
  type BrowserSessionView,
} from '@quarry/contracts'
import { CurrentUser, RequireScope, USER_STORE, type Identity } from '@quarry/service-kit'
import type { AccountStore } from '@quarry/storage-port'
import type { z } from 'zod'
import { ChangePassword } from '../application/change-password.ts'
import { EndAccess, sessionOfGrant } from '../application/ended-access.ts'
import { ListSessions } from '../application/list-sessions.ts'
import { ShowAccount } from '../application/show-account.ts'
import { granted } from './refusals.ts'

@RequireScope('account')
@Controller('api/v1/auth')
export class AccountController {
  constructor(
    @Inject(ShowAccount) private readonly showAccount: ShowAccount,
    @Inject(ChangePassword) private readonly changePassword: ChangePassword,
    @Inject(ListSessions) private readonly listSessions: ListSessions,
    @Inject(EndAccess) private readonly endAccess: EndAccess,
    @Inject(USER_STORE) private readonly accounts: AccountStore,
  ) {}

  @Get('account')
  async account(@CurrentUser() { userId }: Identity): Promise<OwnAccountView> {
    return granted(await this.showAccount.run(userId))
  }

  @Put('language')
  @HttpCode(204)
  async language(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: languageChoiceSchema }) { language }: z.output<typeof languageChoiceSchema>,
  ): Promise<void> {
    await this.accounts.setLanguage(userId, language)
  }

  @Post('password')
  @HttpCode(204)
  async password(
    @CurrentUser() { userId, grant }: Identity,
    @Body({ schema: changePasswordSchema }) body: z.output<typeof changePasswordSchema>,
  ): Promise<void> {
    const { endOtherSessions = false } = body
    granted(await this.changePassword.run({ ...body, endOtherSessions, userId, sessionId: sessionOfGrant(grant) }))
  }

  @Get('sessions')
  sessions(@CurrentUser() { userId, grant }: Identity): Promise<readonly BrowserSessionView[]> {
    return this.listSessions.run(userId, sessionOfGrant(grant))
  }

  @Post('sessions/end-others')
  @HttpCode(204)
  endOthers(@CurrentUser() { userId, grant }: Identity): Promise<void> {
    return this.endAccess.sessionsOf(userId, sessionOfGrant(grant))
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  endSession(@CurrentUser() { userId }: Identity, @Param('id') sessionId: string): Promise<void> {
    return this.endAccess.session(userId, sessionId)
  }
}
