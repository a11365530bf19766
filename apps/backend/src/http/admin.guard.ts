import { createParamDecorator, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { CodedError } from '@quarry/contracts'
import { ACCESS_TOKENS, bearerToken, OPERATOR_STORE, type AccessTokens } from '@quarry/service-kit'
import type { AccountStandings } from '@quarry/storage-port'
import type { FastifyRequest } from 'fastify'
import type { Act } from '../application/administer.ts'

/** Who acts, in which request; with a reason it is an `Act`. */
export type Acting = Omit<Act, 'reason'>

const actors = new WeakMap<FastifyRequest, Acting>()

/** The administrator whom the guard let in, for the audit log. */
export const ActingAdmin = createParamDecorator((_: unknown, context: ExecutionContext): Acting => {
  const acting = actors.get(context.switchToHttp().getRequest<FastifyRequest>())
  if (!acting) throw new Error('ActingAdmin is for routes with AdminGuard')
  return acting
})

/** A token says who was an administrator when it was made; this says who still is. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
    @Inject(OPERATOR_STORE) private readonly operator: AccountStandings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    const { userId } = await this.tokens.verify(bearerToken(request.headers.authorization), 'admin')
    const { admin, state } = await this.operator.standing(userId)
    if (!admin || state !== 'open') throw new CodedError('forbidden', 'You are no administrator any more.')
    actors.set(request, { by: userId, requestId: request.id })
    return true
  }
}
