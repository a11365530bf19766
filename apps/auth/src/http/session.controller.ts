import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common'
import { loginSchema, registerSchema, type SessionView } from '@quarry/contracts'
import { OpenToAll } from '@quarry/service-kit'
import type { z } from 'zod'
import { LetGuestsIn } from '../application/let-guests-in.ts'
import { RefreshSession } from '../application/refresh-session.ts'
import { RegisterUser } from '../application/register-user.ts'
import { SignIn } from '../application/sign-in.ts'
import { SignOut } from '../application/sign-out.ts'
import { AuthCookies } from './auth-cookies.ts'
import { granted } from './refusals.ts'
import { SameSiteGuard } from './same-site.guard.ts'
import type { WebReply, WebRequest } from './web-message.ts'

@OpenToAll()
@UseGuards(SameSiteGuard)
@Controller('api/v1/auth')
export class SessionController {
  constructor(
    @Inject(RegisterUser) private readonly registerUser: RegisterUser,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(RefreshSession) private readonly refreshSession: RefreshSession,
    @Inject(LetGuestsIn) private readonly letGuestsIn: LetGuestsIn,
    @Inject(SignOut) private readonly signOut: SignOut,
    @Inject(AuthCookies) private readonly cookies: AuthCookies,
  ) {}

  @Post('register')
  @HttpCode(202)
  async register(
    @Body({ schema: registerSchema }) body: z.output<typeof registerSchema>,
  ): Promise<{ status: 'accepted' }> {
    granted(await this.registerUser.run(body))
    return { status: 'accepted' }
  }

  @Post('login')
  @HttpCode(200)
  async login(
    @Body({ schema: loginSchema }) body: z.output<typeof loginSchema>,
    @Req() request: WebRequest,
    @Res({ passthrough: true }) reply: WebReply,
  ): Promise<SessionView> {
    const signedIn = granted(
      await this.signIn.run({
        ...body,
        deviceToken: this.cookies.deviceToken(request),
        device: request.headers['user-agent'],
      }),
    )
    await this.signOut.run(this.cookies.refreshToken(request))
    this.cookies.setSession(reply, signedIn)
    this.cookies.setDevice(reply, signedIn)
    return signedIn.view
  }

  @Post('guest')
  @HttpCode(200)
  async guest(@Req() request: WebRequest, @Res({ passthrough: true }) reply: WebReply): Promise<SessionView> {
    const view = granted(await this.letGuestsIn.run())
    await this.signOut.run(this.cookies.refreshToken(request))
    this.cookies.clearSession(reply)
    this.cookies.setGuest(reply)
    return view
  }

  @Post('refresh')
  @HttpCode(200)
  async refresh(@Req() request: WebRequest, @Res({ passthrough: true }) reply: WebReply): Promise<SessionView> {
    if (this.cookies.refreshToken(request) === undefined && this.cookies.isGuest(request))
      return granted(await this.letGuestsIn.run())
    const refreshed = await this.refreshSession.run(this.cookies.refreshToken(request))
    if (!refreshed.ok) this.cookies.clearSession(reply)
    const session = granted(refreshed)
    this.cookies.setSession(reply, session)
    return session.view
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@Req() request: WebRequest, @Res({ passthrough: true }) reply: WebReply): Promise<void> {
    await this.signOut.run(this.cookies.refreshToken(request))
    this.cookies.clearSession(reply)
  }
}
