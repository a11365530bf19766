import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { CodedError } from '@quarry/contracts'
import { KERNEL_CONFIG, type KernelConfig } from '@quarry/service-kit'
import type { WebRequest } from './web-message.ts'

/**
 * For routes that read or set cookies: refuses what a browser sends on behalf of another site (`cross_site`). A request
 * without `Origin` and `Sec-Fetch-Site` is no browser's, and carries no cookies but its own.
 */
@Injectable()
export class SameSiteGuard implements CanActivate {
  readonly #publicOrigin: string | undefined

  constructor(@Inject(KERNEL_CONFIG) config: Pick<KernelConfig, 'publicUrl'>) {
    this.#publicOrigin = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).origin
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<WebRequest>()
    const site = headers['sec-fetch-site']
    const fromHere = site === undefined || site === 'same-origin' || site === 'none'
    if (fromHere && this.#isOurs(headers.origin, headers.host)) return true
    throw new CodedError('cross_site', 'This request came from another site.')
  }

  #isOurs(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || origin === this.#publicOrigin) return true
    return host !== undefined && (origin === `https://${host}` || origin === `http://${host}`)
  }
}
