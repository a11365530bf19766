import { Global, Inject, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { ACCOUNT_SERVICE, LOGGER } from '@quarry/service-kit'
import { ForgetStale } from './application/forget-stale.ts'
import { SigningKeyRing } from './application/signing-key-ring.ts'
import { authProviders } from './auth-providers.ts'
import { AccountController } from './http/account.controller.ts'
import { ApiTokensController } from './http/api-tokens.controller.ts'
import { DeviceController } from './http/device.controller.ts'
import { DeviceOauthController } from './http/device-oauth.controller.ts'
import { InternalController } from './http/internal.controller.ts'
import { ElsewhereController } from './http/elsewhere.controller.ts'
import { ElsewhereReturnController } from './http/elsewhere-return.controller.ts'
import { JwksController } from './http/jwks.controller.ts'
import { PasswordResetController } from './http/password-reset.controller.ts'
import { LinksController } from './http/links.controller.ts'
import { SameSiteGuard } from './http/same-site.guard.ts'
import { SessionController } from './http/session.controller.ts'
import { TotpController } from './http/totp.controller.ts'

@Global()
@Module({
  controllers: [
    DeviceController,
    DeviceOauthController,
    ElsewhereController,
    ElsewhereReturnController,
    LinksController,
    SessionController,
    PasswordResetController,
    AccountController,
    TotpController,
    ApiTokensController,
    JwksController,
    InternalController,
  ],
  providers: [...authProviders, SameSiteGuard],
  exports: [ACCOUNT_SERVICE],
})
export class AuthModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(SigningKeyRing) private readonly keys: SigningKeyRing,
    @Inject(ForgetStale) private readonly forgetStale: ForgetStale,
    @Inject(LOGGER) private readonly logger: { warn(details: object, message: string): void },
  ) {}

  /** Makes the first signing key; a wrong sealing key stops the start here. */
  async onModuleInit(): Promise<void> {
    await this.keys.open()
    this.forgetStale.start((error) =>
      this.logger.warn({ err: error }, 'old sessions and counters could not be cleared away'),
    )
  }

  onModuleDestroy(): void {
    this.forgetStale.stop()
  }
}
