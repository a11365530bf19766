import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common'
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger'
import {
  adminAccountsSchema,
  adminCoinsSchema,
  adminReasonSchema,
  denyRuleSchema,
  pageQuerySchema,
  userIdSchema,
  type AdminAccountView,
  type AuditEntryView,
  type DenyRuleView,
  type LedgerAuditView,
  type PageQuery,
  type PageView,
  type SystemView,
} from '@quarry/contracts'
import { invalidInput, RequireScope } from '@quarry/service-kit'
import type { z } from 'zod'
import { AuditLedger } from '../application/audit-ledger.ts'
import { Administer } from '../application/administer.ts'
import { ShowSystem } from '../application/show-system.ts'
import { ActingAdmin, AdminGuard, type Acting } from './admin.guard.ts'
import { checkedKey } from './checked-key.ts'

@ApiTags('administration')
@ApiBearerAuth()
@RequireScope('admin')
@UseGuards(AdminGuard)
@Controller('api/v1/admin')
export class AdminController {
  constructor(
    @Inject(Administer) private readonly administer: Administer,
    @Inject(ShowSystem) private readonly showSystem: ShowSystem,
    @Inject(AuditLedger) private readonly ledger: AuditLedger,
  ) {}

  @Get('accounts')
  @ApiOperation({ summary: 'Accounts whose address begins with a text' })
  list(
    @Query({ schema: adminAccountsSchema }) { after, ...page }: z.output<typeof adminAccountsSchema>,
  ): Promise<PageView<AdminAccountView>> {
    return this.administer.list({ ...page, ...(after !== undefined && { after }) })
  }

  @Get('accounts/:userId')
  @ApiOperation({ summary: 'One account' })
  show(@Param('userId', { schema: userIdSchema }) userId: string): Promise<AdminAccountView> {
    return this.administer.one(userId)
  }

  @Post('accounts/:userId/disable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Shut an account: its sessions end, and nobody signs in' })
  disable(
    @Param('userId', { schema: userIdSchema }) userId: string,
    @Body({ schema: adminReasonSchema }) { reason }: z.infer<typeof adminReasonSchema>,
    @ActingAdmin() acting: Acting,
  ): Promise<AdminAccountView> {
    return this.administer.setState(userId, 'disabled', { ...acting, reason })
  }

  @Post('accounts/:userId/enable')
  @HttpCode(200)
  @ApiOperation({ summary: 'Open an account again' })
  enable(
    @Param('userId', { schema: userIdSchema }) userId: string,
    @Body({ schema: adminReasonSchema }) { reason }: z.infer<typeof adminReasonSchema>,
    @ActingAdmin() acting: Acting,
  ): Promise<AdminAccountView> {
    return this.administer.setState(userId, 'open', { ...acting, reason })
  }

  @Post('accounts/:userId/credit')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give coins; once under its Idempotency-Key' })
  credit(
    @Param('userId', { schema: userIdSchema }) userId: string,
    @Body({ schema: adminCoinsSchema }) { coins, reason }: z.infer<typeof adminCoinsSchema>,
    @Headers('idempotency-key') key: string | undefined,
    @ActingAdmin() acting: Acting,
  ): Promise<AdminAccountView> {
    return this.administer.moveCoins(userId, coins, { ...acting, reason, key: neededKey(key) })
  }

  @Post('accounts/:userId/debit')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take coins, never more than there are; once under its Idempotency-Key' })
  debit(
    @Param('userId', { schema: userIdSchema }) userId: string,
    @Body({ schema: adminCoinsSchema }) { coins, reason }: z.infer<typeof adminCoinsSchema>,
    @Headers('idempotency-key') key: string | undefined,
    @ActingAdmin() acting: Acting,
  ): Promise<AdminAccountView> {
    return this.administer.moveCoins(userId, -coins, { ...acting, reason, key: neededKey(key) })
  }

  @Get('deny-list')
  @ApiOperation({ summary: 'Hosts to which no job goes' })
  denyRules(): Promise<readonly DenyRuleView[]> {
    return this.administer.denyRules()
  }

  @Post('deny-list')
  @HttpCode(200)
  @ApiOperation({ summary: 'Deny a host, with all below it' })
  async deny(
    @Body({ schema: denyRuleSchema }) { pattern, reason }: z.infer<typeof denyRuleSchema>,
    @ActingAdmin() acting: Acting,
  ): Promise<readonly DenyRuleView[]> {
    await this.administer.deny(pattern, { ...acting, reason })
    return this.administer.denyRules()
  }

  @Delete('deny-list/:pattern')
  @ApiOperation({ summary: 'Allow a host again' })
  async allow(
    @Param('pattern') pattern: string,
    @Body({ schema: adminReasonSchema }) { reason }: z.infer<typeof adminReasonSchema>,
    @ActingAdmin() acting: Acting,
  ): Promise<readonly DenyRuleView[]> {
    await this.administer.allow(pattern, { ...acting, reason })
    return this.administer.denyRules()
  }

  @Get('audit')
  @ApiOperation({ summary: 'What administrators did, newest first' })
  audit(@Query({ schema: pageQuerySchema }) { after, limit }: PageQuery): Promise<PageView<AuditEntryView>> {
    return this.administer.audit({ limit, ...(after !== undefined && { after }) })
  }

  @Post('ledger-audit')
  @HttpCode(200)
  @ApiOperation({ summary: 'Check every invariant of the ledger now, and that what is stored is settled' })
  async auditLedger(@ActingAdmin() acting: Acting): Promise<LedgerAuditView> {
    await this.administer.log('ledger.audit', 'ledger', { ...acting, reason: 'asked for' })
    return this.ledger.run()
  }

  @Get('system')
  @ApiOperation({ summary: 'Services, queue and figures as this backend sees them' })
  system(): Promise<SystemView> {
    return this.showSystem.run()
  }
}

function neededKey(key: string | undefined): string {
  const checked = checkedKey(key)
  if (checked !== undefined) return checked
  throw invalidInput([{ message: 'is needed, so that a repeated request moves coins once', path: ['Idempotency-Key'] }])
}
