import {
  createParamDecorator,
  Inject,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { CodedError, GUEST_GRANT, type Scope } from '@quarry/contracts'
import type { FastifyRequest } from 'fastify'
import type { KernelConfig } from '../config/kernel-config.ts'
import { ACCESS_TOKENS, KERNEL_CONFIG } from '../tokens.ts'
import { AccessTokens, bearerToken, notForGuests, type Identity } from './access-tokens.ts'
import { sameSecret } from './same-secret.ts'

const ACCESS = Symbol('access')
type Access =
  { readonly kind: 'scope'; readonly scope: Scope } | { readonly kind: 'internal' } | { readonly kind: 'open' }

/** The route is for signed-in users whose token has this scope. */
export const RequireScope = (scope: Scope) => SetMetadata(ACCESS, { kind: 'scope', scope } satisfies Access)
/** The route is for other services, which show the internal secret as bearer token. */
export const InternalOnly = () => SetMetadata(ACCESS, { kind: 'internal' } satisfies Access)
/** The route is for everybody. */
export const OpenToAll = () => SetMetadata(ACCESS, { kind: 'open' } satisfies Access)

const READING = new Set(['GET', 'HEAD'])

const identities = new WeakMap<FastifyRequest, Identity>()

/** The verified caller of a `RequireScope` route. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const identity = identities.get(context.switchToHttp().getRequest<FastifyRequest>())
  if (!identity) throw new Error('CurrentUser is for routes with RequireScope')
  return identity
})

/** Guards every route by its annotation; a route without one is closed, so that forgetting it leaks nothing. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector
  readonly #tokens: AccessTokens
  readonly #secret: string

  constructor(
    @Inject(Reflector) reflector: Reflector,
    @Inject(ACCESS_TOKENS) tokens: AccessTokens,
    @Inject(KERNEL_CONFIG) config: KernelConfig,
  ) {
    this.#reflector = reflector
    this.#tokens = tokens
    this.#secret = config.internalSecret
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.#reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ])
    if (access?.kind === 'open') return true
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    const token = bearerToken(request.headers.authorization)
    if (access?.kind === 'scope') {
      const identity = await this.#tokens.verify(token, access.scope)
      // Here and for every route, so that none can be written that a guest changes something by.
      if (identity.grant === GUEST_GRANT && !READING.has(request.method)) throw notForGuests()
      identities.set(request, identity)
      return true
    }
    if (access?.kind === 'internal' && sameSecret(token, this.#secret)) return true
    throw new CodedError('forbidden', 'This address is not for you.')
  }
}
