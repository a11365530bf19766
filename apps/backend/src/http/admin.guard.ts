import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { CodedError } from '@quarry/contracts'
import { ACCESS_TOKENS, bearerToken, OPERATOR_STORE, type AccessTokens } from '@quarry/service-kit'
import type { AccountStandings } from '@quarry/storage-port'
import type { FastifyRequest } from 'fastify'

/** A token says who was an administrator when it was made; this says who still is. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
    @Inject(OPERATOR_STORE) private readonly operator: AccountStandings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>()
    const { userId } = await this.tokens.verify(bearerToken(headers.authorization), 'admin')
    const { admin, state } = await this.operator.standing(userId)
    if (admin && state === 'open') return true
    throw new CodedError('forbidden', 'You are no administrator any more.')
  }
}
