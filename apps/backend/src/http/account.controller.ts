import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  CodedError,
  deleteAccountSchema,
  requestExportSchema,
  type AccountService,
  type DeletionPreview,
  type ExportLinkView,
} from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { ACCOUNT_SERVICE, CLOCK, CurrentUser, OpenToAll, RequireScope, type Identity } from '@quarry/service-kit'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import { ACCOUNT_DATA } from '../account-data-token.ts'
import type { AccountData } from '../application/account-data.ts'
import { checkConfirmation, DeleteAccount } from '../application/delete-account.ts'
import { accountArchive } from './account-archive.ts'
import { ExportLinks } from './export-links.ts'

/** Whoever is signed in, about their own account. */
@ApiTags('account')
@ApiBearerAuth()
@Controller('api/v1/account')
export class AccountController {
  constructor(
    @Inject(ACCOUNT_SERVICE) private readonly accounts: AccountService,
    @Inject(ACCOUNT_DATA) private readonly data: readonly AccountData[],
    @Inject(DeleteAccount) private readonly deleteAccount: DeleteAccount,
    @Inject(ExportLinks) private readonly links: ExportLinks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('export')
  @HttpCode(200)
  @RequireScope('account')
  @ApiOperation({ summary: 'A link, good for a minute, to everything that is held about you' })
  async requestExport(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: requestExportSchema }) { bodies, ...factors }: z.output<typeof requestExportSchema>,
  ): Promise<ExportLinkView> {
    await this.accounts.confirm(userId, factors)
    const { ticket, expiresAt } = this.links.issue(userId, bodies)
    return { path: `/api/v1/account/exports/${ticket}`, expiresAt }
  }

  @Get('exports/:ticket')
  @OpenToAll()
  @ApiOperation({ summary: 'The export as a ZIP, made while it is read' })
  download(@Param('ticket') ticket: string, @Res() reply: FastifyReply): void {
    const wish = this.links.read(ticket)
    if (!wish) throw new CodedError('not_found', 'This link is no longer good; ask for the export again.')
    const at = new Date(this.clock.now())
    reply
      .type('application/zip')
      .header('content-disposition', `attachment; filename="quarry-${at.toISOString().slice(0, 10)}.zip"`)
      .send(accountArchive(this.data, wish.userId, { bodies: wish.bodies, at }))
  }

  @Get('deletion')
  @RequireScope('account')
  @ApiOperation({ summary: 'What deleting your account now would end' })
  preview(@CurrentUser() { userId }: Identity): Promise<DeletionPreview> {
    return this.deleteAccount.preview(userId)
  }

  @Post('deletion')
  @HttpCode(202)
  @RequireScope('account')
  @ApiOperation({ summary: 'Delete your account for good; its coins are forfeited' })
  async delete(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: deleteAccountSchema }) { confirmation, ...factors }: z.infer<typeof deleteAccountSchema>,
  ): Promise<{ status: 'accepted' }> {
    checkConfirmation(confirmation, (await this.accounts.find(userId)).email)
    await this.accounts.confirm(userId, factors)
    await this.deleteAccount.begin(userId)
    return { status: 'accepted' }
  }
}
