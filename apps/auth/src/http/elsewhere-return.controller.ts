import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common'
import { OpenToAll, toCodedError } from '@quarry/service-kit'
import { FinishElsewhere } from '../application/finish-elsewhere.ts'
import { SignInElsewhere } from '../application/sign-in-elsewhere.ts'
import { SignOut } from '../application/sign-out.ts'
import { AuthCookies } from './auth-cookies.ts'
import { ElsewhereCookies } from './elsewhere-cookies.ts'
import { granted } from './refusals.ts'
import type { WebReply, WebRequest } from './web-message.ts'

/** Where a browser ends that came back without a flow of ours. */
const ENTRANCE = '/login'

interface ReturnReply extends WebReply {
  redirect(path: string, status: number): unknown
}

/**
 * Where a provider sends the browser back to: the one address that other sites lead to by design. What counts is the
 * flow's sealed cookie. The browser always goes on to a page of ours, with the code of what went wrong.
 */
@OpenToAll()
@Controller('api/v1/auth/elsewhere')
export class ElsewhereReturnController {
  constructor(
    @Inject(SignInElsewhere) private readonly elsewhere: SignInElsewhere,
    @Inject(FinishElsewhere) private readonly finishElsewhere: FinishElsewhere,
    @Inject(SignOut) private readonly signOut: SignOut,
    @Inject(AuthCookies) private readonly cookies: AuthCookies,
    @Inject(ElsewhereCookies) private readonly kept: ElsewhereCookies,
  ) {}

  @Get(':provider/callback')
  async callback(
    @Param('provider') provider: string,
    @Req() request: WebRequest & { readonly url: string },
    @Res() reply: ReturnReply,
  ): Promise<void> {
    const sealed = this.kept.flow(request)
    this.kept.clearFlow(reply)
    let path: string
    try {
      path = await this.#next({ provider, query: /\?.*$/.exec(request.url)?.[0] ?? '', sealed }, { request, reply })
    } catch (error) {
      const { code } = toCodedError(error)
      const flow = this.elsewhere.flowOf(sealed)
      // Whoever wanted a link is signed in, and goes back to where it was asked for.
      path = withParameters(flow?.linkTo === undefined ? ENTRANCE : flow.next, {
        problem: code,
        ...(flow !== undefined && flow.linkTo === undefined && { next: flow.next }),
      })
    }
    reply.redirect(withParameters(path), 303)
  }

  async #next(
    {
      provider,
      query,
      sealed,
    }: { readonly provider: string; readonly query: string; readonly sealed: string | undefined },
    { request, reply }: { readonly request: WebRequest; readonly reply: WebReply },
  ): Promise<string> {
    const returned = granted(await this.elsewhere.finish(provider, query, sealed))
    if (returned.kind === 'linked') return returned.next
    if (returned.kind === 'pending') {
      this.kept.setPending(reply, returned.sealed)
      return withParameters(ENTRANCE, { elsewhere: this.elsewhere.nameOf(provider), next: returned.next })
    }
    const device = { deviceToken: this.cookies.deviceToken(request), device: request.headers['user-agent'] }
    const opened = granted(await this.finishElsewhere.open(returned.user, device))
    await this.signOut.run(this.cookies.refreshToken(request))
    this.cookies.setSession(reply, opened)
    this.cookies.setDevice(reply, opened)
    return returned.next
  }
}

/** A path of our site, which may have a query already, with more of it. Never another site's: dots may hide slashes. */
function withParameters(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(path, 'http://here')
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.pathname.replace(/^\/+/, '/') + url.search + url.hash
}
