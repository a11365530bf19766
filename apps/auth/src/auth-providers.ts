import type { Provider } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import {
  ACCOUNT_SERVICE,
  CLOCK,
  KERNEL_CONFIG,
  OPERATOR_STORE,
  USER_STORE,
  type KernelConfig,
} from '@quarry/service-kit'
import type { OperatorStore, UserStore } from '@quarry/storage-port'
import { AccessTokenSigner } from './application/access-token-signer.ts'
import { AskDeviceApproval } from './application/ask-device-approval.ts'
import { CodeTries } from './application/code-tries.ts'
import { ConfirmFactors } from './application/confirm-factors.ts'
import { ConfirmTotp } from './application/confirm-totp.ts'
import { CreateApiToken } from './application/create-api-token.ts'
import { DecideDeviceGrant } from './application/decide-device-grant.ts'
import { DeviceCodes } from './application/device-codes.ts'
import { DeviceTokens } from './application/device-tokens.ts'
import { EnrolTotp } from './application/enrol-totp.ts'
import { ExchangeApiToken } from './application/exchange-api-token.ts'
import { ForgetStale } from './application/forget-stale.ts'
import { KeepAccounts } from './application/keep-accounts.ts'
import { ListApiTokens } from './application/list-api-tokens.ts'
import { Passwords } from './application/passwords.ts'
import { PollDeviceGrant } from './application/poll-device-grant.ts'
import { RecoveryCodes } from './application/recovery-codes.ts'
import { RefreshSession } from './application/refresh-session.ts'
import { RegisterUser } from './application/register-user.ts'
import { RevokeOwnToken } from './application/revoke-own-token.ts'
import { RevokeApiToken } from './application/revoke-api-token.ts'
import { Sealing } from './application/sealing.ts'
import { SecondFactor } from './application/second-factor.ts'
import { Sessions } from './application/sessions.ts'
import { SignIn } from './application/sign-in.ts'
import { SignInThrottle } from './application/sign-in-throttle.ts'
import { SignOut } from './application/sign-out.ts'
import { SigningKeyRing } from './application/signing-key-ring.ts'
import { authConfig, bcryptCostOf, type AuthConfig } from './auth.config.ts'
import { localAccountService } from './local-account-service.ts'
import { AuthCookies, cookiesAreSecure } from './http/auth-cookies.ts'

/** All that auth is made of, built from its store, its clock and its settings. */
export function assembleAuth(store: UserStore, clock: Clock, config: AuthConfig, operator: OperatorStore) {
  const { pepper, sealingKey } = config
  const sealing = new Sealing(sealingKey)
  const passwords = new Passwords({ pepper, cost: bcryptCostOf(config) })
  const recoveryCodes = new RecoveryCodes(pepper)
  const throttle = new SignInThrottle(store, clock)
  const devices = new DeviceTokens(sealingKey, clock)
  const secondFactor = new SecondFactor({ accounts: store, sealing, recoveryCodes, clock })
  const keys = new SigningKeyRing({ store, sealing, clock, publishAheadMs: config.keyPublishAheadMs })
  const signer = new AccessTokenSigner(keys, clock)
  const codes = new DeviceCodes(sealingKey)
  const grants = store.deviceGrants
  const tries = new CodeTries(store, clock)
  const revokeApiToken = new RevokeApiToken(store)
  const lives = { idleMs: config.sessionIdleMs, maxMs: config.sessionMaxMs }
  const sessions = new Sessions({ store, standings: operator, signer, clock, ...lives })
  return {
    keys,
    deviceCodes: codes,
    askDeviceApproval: new AskDeviceApproval({ grants, codes, clock, pollIntervalMs: config.devicePollMs }),
    decideDeviceGrant: new DecideDeviceGrant({ accounts: store, grants, codes, tries, clock }),
    pollDeviceGrant: new PollDeviceGrant(grants, codes, clock),
    revokeOwnToken: new RevokeOwnToken(store, revokeApiToken),
    registerUser: new RegisterUser(store, passwords, clock),
    signIn: new SignIn({ accounts: store, passwords, secondFactor, throttle, devices, sessions, pepper }),
    refreshSession: new RefreshSession(store, store, sessions),
    signOut: new SignOut(store),
    enrolTotp: new EnrolTotp({ accounts: store, passwords, secondFactor, throttle, sealing }),
    confirmTotp: new ConfirmTotp({ store, sealing, recoveryCodes, throttle, clock }),
    createApiToken: new CreateApiToken(store, clock),
    listApiTokens: new ListApiTokens(store),
    revokeApiToken,
    exchangeApiToken: new ExchangeApiToken(store, operator, { signer, clock }),
    forgetStale: new ForgetStale(store, clock),
    confirmFactors: new ConfirmFactors({ accounts: store, passwords, secondFactor, throttle }),
    keepAccounts: new KeepAccounts(store, operator),
  }
}

export type Auth = ReturnType<typeof assembleAuth>

const AUTH = Symbol('Auth')

const provide = <K extends keyof Auth>(
  token: symbol | (abstract new (...parts: never[]) => Auth[K]),
  part: K,
): Provider => ({
  provide: token,
  inject: [AUTH],
  useFactory: (auth: Auth) => auth[part],
})

/** The use cases, each by its class. */
export const authProviders: Provider[] = [
  { provide: AUTH, inject: [USER_STORE, CLOCK, authConfig.token, OPERATOR_STORE], useFactory: assembleAuth },
  provide(SigningKeyRing, 'keys'),
  provide(AskDeviceApproval, 'askDeviceApproval'),
  provide(DecideDeviceGrant, 'decideDeviceGrant'),
  provide(PollDeviceGrant, 'pollDeviceGrant'),
  provide(RevokeOwnToken, 'revokeOwnToken'),
  provide(RegisterUser, 'registerUser'),
  provide(SignIn, 'signIn'),
  provide(RefreshSession, 'refreshSession'),
  provide(SignOut, 'signOut'),
  provide(EnrolTotp, 'enrolTotp'),
  provide(ConfirmTotp, 'confirmTotp'),
  provide(CreateApiToken, 'createApiToken'),
  provide(ListApiTokens, 'listApiTokens'),
  provide(RevokeApiToken, 'revokeApiToken'),
  provide(ExchangeApiToken, 'exchangeApiToken'),
  provide(ForgetStale, 'forgetStale'),
  {
    provide: ACCOUNT_SERVICE,
    inject: [AUTH],
    useFactory: ({ keepAccounts, confirmFactors }: Auth) => localAccountService(keepAccounts, confirmFactors),
  },
  {
    provide: AuthCookies,
    inject: [CLOCK, authConfig.token, KERNEL_CONFIG],
    useFactory: (clock: Clock, config: AuthConfig, kernel: KernelConfig) =>
      new AuthCookies(clock, { secure: cookiesAreSecure(config.environment, kernel.publicUrl) }),
  },
]
