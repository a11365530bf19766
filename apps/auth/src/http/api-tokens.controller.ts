import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common'
import { createApiTokenSchema, type AccessTokenView, type ApiTokenView, type NewApiTokenView } from '@quarry/contracts'
import { bearerToken, CurrentUser, OpenToAll, RequireScope, type Identity } from '@quarry/service-kit'
import type { z } from 'zod'
import { CreateApiToken } from '../application/create-api-token.ts'
import { ExchangeApiToken } from '../application/exchange-api-token.ts'
import { ListApiTokens } from '../application/list-api-tokens.ts'
import { RevokeOwnToken } from '../application/revoke-own-token.ts'
import { RevokeApiToken } from '../application/revoke-api-token.ts'
import { granted } from './refusals.ts'
import type { WebRequest } from './web-message.ts'

@Controller('api/v1/auth')
export class ApiTokensController {
  constructor(
    @Inject(CreateApiToken) private readonly createApiToken: CreateApiToken,
    @Inject(ListApiTokens) private readonly listApiTokens: ListApiTokens,
    @Inject(RevokeApiToken) private readonly revokeApiToken: RevokeApiToken,
    @Inject(RevokeOwnToken) private readonly revokeOwnToken: RevokeOwnToken,
    @Inject(ExchangeApiToken) private readonly exchangeApiToken: ExchangeApiToken,
  ) {}

  @Post('tokens')
  @RequireScope('account')
  async create(
    @CurrentUser() { userId }: Identity,
    @Body({ schema: createApiTokenSchema }) body: z.output<typeof createApiTokenSchema>,
  ): Promise<NewApiTokenView> {
    return granted(await this.createApiToken.run({ ...body, userId }))
  }

  @Get('tokens')
  @RequireScope('account')
  list(@CurrentUser() { userId }: Identity): Promise<readonly ApiTokenView[]> {
    return this.listApiTokens.run(userId)
  }

  @Delete('tokens/:id')
  @RequireScope('account')
  @HttpCode(204)
  async revoke(@CurrentUser() { userId }: Identity, @Param('id') tokenId: string): Promise<void> {
    granted(await this.revokeApiToken.run(userId, tokenId))
  }

  @Post('token')
  @OpenToAll()
  @HttpCode(200)
  async exchange(@Req() request: WebRequest): Promise<AccessTokenView> {
    return granted(await this.exchangeApiToken.run(bearerToken(request.headers.authorization)))
  }

  /** A program that logs out gives its own token back. */
  @Delete('token')
  @OpenToAll()
  @HttpCode(204)
  async giveBack(@Req() request: WebRequest): Promise<void> {
    granted(await this.revokeOwnToken.run(bearerToken(request.headers.authorization)))
  }
}
