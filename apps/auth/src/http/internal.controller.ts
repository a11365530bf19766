import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import {
  accountListSchema,
  accountQuerySchema,
  accountStateSchema,
  confirmFactorsSchema,
  type AccountService,
} from '@quarry/contracts'
import { ACCOUNT_SERVICE, InternalOnly, NotInOpenApi, OPERATOR_STORE } from '@quarry/service-kit'
import type { DenyList } from '@quarry/storage-port'
import type { z } from 'zod'

/** Something, since whoever asks expects JSON. */
const DONE = {}

/** What auth knows and operators decided, for other processes of the cluster. */
@NotInOpenApi()
@InternalOnly()
@Controller('internal')
export class InternalController {
  constructor(
    @Inject(ACCOUNT_SERVICE) private readonly accounts: AccountService,
    @Inject(OPERATOR_STORE) private readonly operator: DenyList,
  ) {}

  /** For services that have no store of their own. */
  @Post('deny-list')
  @HttpCode(200)
  async denyList(): Promise<{ patterns: readonly string[] }> {
    return { patterns: (await this.operator.denyRules()).map(({ pattern }) => pattern) }
  }

  @Post('accounts/confirm')
  @HttpCode(200)
  async confirm(@Body({ schema: confirmFactorsSchema }) body: z.infer<typeof confirmFactorsSchema>): Promise<object> {
    await this.accounts.confirm(body.userId, body.factors)
    return DONE
  }

  @Post('accounts/list')
  @HttpCode(200)
  list(@Body({ schema: accountListSchema }) { after, ...page }: z.infer<typeof accountListSchema>) {
    return this.accounts.list({ ...page, ...(after !== undefined && { after }) })
  }

  @Post('accounts/find')
  @HttpCode(200)
  find(@Body({ schema: accountQuerySchema }) { userId }: z.infer<typeof accountQuerySchema>) {
    return this.accounts.find(userId)
  }

  @Post('accounts/set-state')
  @HttpCode(200)
  async setState(
    @Body({ schema: accountStateSchema }) { userId, state }: z.infer<typeof accountStateSchema>,
  ): Promise<object> {
    await this.accounts.setState(userId, state)
    return DONE
  }

  @Post('accounts/close')
  @HttpCode(200)
  async close(@Body({ schema: accountQuerySchema }) { userId }: z.infer<typeof accountQuerySchema>): Promise<object> {
    await this.accounts.close(userId)
    return DONE
  }

  @Post('accounts/record')
  @HttpCode(200)
  record(@Body({ schema: accountQuerySchema }) { userId }: z.infer<typeof accountQuerySchema>) {
    return this.accounts.record(userId)
  }

  @Post('accounts/erase')
  @HttpCode(200)
  async erase(@Body({ schema: accountQuerySchema }) { userId }: z.infer<typeof accountQuerySchema>): Promise<object> {
    await this.accounts.erase(userId)
    return DONE
  }
}
