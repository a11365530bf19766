import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common'
import {
  CodedError,
  finishElsewhereSchema,
  linkElsewhereSchema,
  startElsewhereSchema,
  type ElsewhereStartView,
  type EntranceView,
  type SessionView,
} from '@quarry/contracts'
import {
  CurrentUser,
  KERNEL_CONFIG,
  OpenToAll,
  RequireScope,
  type Identity,
  type KernelConfig,
} from '@quarry/service-kit'
import type { z } from 'zod'
import { FinishElsewhere } from '../application/finish-elsewhere.ts'
import { LetGuestsIn } from '../application/let-guests-in.ts'
import { SignInElsewhere, type ElsewhereWish } from '../application/sign-in-elsewhere.ts'
import { SignOut } from '../application/sign-out.ts'
import { StepUp } from '../application/step-up.ts'
import { AuthCookies } from './auth-cookies.ts'
import { ElsewhereCookies } from './elsewhere-cookies.ts'
import { siteAddress, type AddressedRequest } from './own-address.ts'
import { granted } from './refusals.ts'
import { SameSiteGuard } from './same-site.guard.ts'
import type { WebReply, WebRequest } from './web-message.ts'

type StartBody = z.output<typeof startElsewhereSchema>

/** Signing in by another provider. Only requests of our own pages begin or finish it. */
@UseGuards(SameSiteGuard)
@Controller('api/v1/auth')
export class ElsewhereController {
  constructor(
    @Inject(SignInElsewhere) private readonly elsewhere: SignInElsewhere,
    @Inject(FinishElsewhere) private readonly finishElsewhere: FinishElsewhere,
    @Inject(LetGuestsIn) private readonly guests: LetGuestsIn,
    @Inject(SignOut) private readonly signOut: SignOut,
    @Inject(StepUp) private readonly stepUp: StepUp,
    @Inject(AuthCookies) private readonly cookies: AuthCookies,
    @Inject(ElsewhereCookies) private readonly kept: ElsewhereCookies,
    @Inject(KERNEL_CONFIG) private readonly config: KernelConfig,
  ) {}

  @Get('entrance')
  @OpenToAll()
  entrance(): EntranceView {
    const providers = this.elsewhere.providers.map(({ id, name }) => ({ id, name }))
    return { providers, guests: this.guests.areWelcome }
  }

  @Post('elsewhere/:provider/start')
  @OpenToAll()
  @HttpCode(200)
  start(
    @Param('provider') provider: string,
    @Body({ schema: startElsewhereSchema }) { next = '/orders', language }: StartBody,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) reply: WebReply,
  ): Promise<ElsewhereStartView> {
    return this.#begin(provider, { next, language }, { request, reply })
  }

  @Post('elsewhere/:provider/link')
  @RequireScope('account')
  @HttpCode(200)
  async link(
    @Param('provider') provider: string,
    @CurrentUser() { userId }: Identity,
    @Body({ schema: linkElsewhereSchema }) { next = '/account', ...shown }: z.output<typeof linkElsewhereSchema>,
    @Req() request: AddressedRequest,
    @Res({ passthrough: true }) reply: WebReply,
  ): Promise<ElsewhereStartView> {
    granted(await this.stepUp.run({ ...shown, userId }))
    return this.#begin(provider, { next, linkTo: userId }, { request, reply })
  }

  @Post('elsewhere/finish')
  @OpenToAll()
  @HttpCode(200)
  async finish(
    @Body({ schema: finishElsewhereSchema }) { code }: z.output<typeof finishElsewhereSchema>,
    @Req() request: WebRequest,
    @Res({ passthrough: true }) reply: WebReply,
  ): Promise<SessionView> {
    const browser = { deviceToken: this.cookies.deviceToken(request), device: request.headers['user-agent'] }
    const signedIn = granted(await this.finishElsewhere.withCode(this.kept.pending(request), code, browser))
    await this.signOut.run(this.cookies.refreshToken(request))
    this.kept.clearPending(reply)
    this.cookies.setSession(reply, signedIn)
    this.cookies.setDevice(reply, signedIn)
    return signedIn.view
  }

  async #begin(
    provider: string,
    wish: Omit<ElsewhereWish, 'redirectUri'>,
    { request, reply }: { readonly request: AddressedRequest; readonly reply: WebReply },
  ): Promise<ElsewhereStartView> {
    const redirectUri = siteAddress(
      this.config,
      request,
      `/api/v1/auth/elsewhere/${encodeURIComponent(provider)}/callback`,
    )
    const begun = await this.elsewhere.begin(provider, { ...wish, redirectUri })
    if (!begun) throw new CodedError('not_found', 'There is no such provider.')
    const { url, sealed } = granted(begun)
    this.kept.setFlow(reply, sealed)
    return { url }
  }
}
