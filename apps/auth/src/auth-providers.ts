import type { Provider } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { Mailer } from '@quarry/mail-port'
import type { LiveEvents } from '@quarry/messaging-port'
import {
  ACCOUNT_SERVICE,
  CLOCK,
  KERNEL_CONFIG,
  LIVE_EVENTS,
  LOGGER,
  MAILER,
  OPERATOR_STORE,
  PEERS,
  USER_STORE,
  type KernelConfig,
  type Peers,
} from '@quarry/service-kit'
import type { OperatorStore, UserStore } from '@quarry/storage-port'
import { AccessTokenSigner } from './application/access-token-signer.ts'
import { AskDeviceApproval } from './application/ask-device-approval.ts'
import { AskPasswordReset } from './application/ask-password-reset.ts'
import { ChangePassword } from './application/change-password.ts'
import { CodeTries } from './application/code-tries.ts'
import { ConfirmTotp } from './application/confirm-totp.ts'
import { CreateApiToken } from './application/create-api-token.ts'
import { DecideDeviceGrant } from './application/decide-device-grant.ts'
import { DeviceCodes } from './application/device-codes.ts'
import { DeviceTokens } from './application/device-tokens.ts'
import { EndAccess } from './application/ended-access.ts'
import { EnrolTotp } from './application/enrol-totp.ts'
import { ExchangeApiToken } from './application/exchange-api-token.ts'
import { FinishElsewhere } from './application/finish-elsewhere.ts'
import { ForgetStale } from './application/forget-stale.ts'
import { KeepAccounts } from './application/keep-accounts.ts'
import { KeepLinks } from './application/keep-links.ts'
import { LetGuestsIn } from './application/let-guests-in.ts'
import { ListApiTokens } from './application/list-api-tokens.ts'
import { ListSessions } from './application/list-sessions.ts'
import { MailLater, type MailWatch } from './application/mail-later.ts'
import { Passwords } from './application/passwords.ts'
import { PollDeviceGrant } from './application/poll-device-grant.ts'
import { RecoveryCodes } from './application/recovery-codes.ts'
import { RefreshSession } from './application/refresh-session.ts'
import { RegisterUser } from './application/register-user.ts'
import { RemoveTotp } from './application/remove-totp.ts'
import { RenewRecoveryCodes } from './application/renew-recovery-codes.ts'
import { ResetPassword } from './application/reset-password.ts'
import { RevokeApiToken } from './application/revoke-api-token.ts'
import { RevokeOwnToken } from './application/revoke-own-token.ts'
import { Sealing } from './application/sealing.ts'
import { SecondFactor } from './application/second-factor.ts'
import { Sessions } from './application/sessions.ts'
import { SetFirstPassword } from './application/set-first-password.ts'
import { ShowAccount } from './application/show-account.ts'
import { SignInCounters } from './application/sign-in-counters.ts'
import { SignInElsewhere } from './application/sign-in-elsewhere.ts'
import { SignInThrottle } from './application/sign-in-throttle.ts'
import { SignIn } from './application/sign-in.ts'
import { SignOut } from './application/sign-out.ts'
import { SigningKeyRing } from './application/signing-key-ring.ts'
import { StepUp } from './application/step-up.ts'
import { authConfig, bcryptCostOf, type AuthConfig } from './auth.config.ts'
import { localAccountService } from './local-account-service.ts'
import { AuthCookies, cookiesAreSecure } from './http/auth-cookies.ts'
import { ElsewhereCookies } from './http/elsewhere-cookies.ts'
import { signInProviderOf } from './providers/sign-in-provider-of.ts'

/** What auth needs of its process. */
export interface AuthSurroundings {
  readonly store: UserStore
  readonly operator: OperatorStore
  readonly live: LiveEvents
  readonly mailer: Mailer
  readonly clock: Clock
  readonly logger: MailWatch
  /** Where people open the site; links in mails lead there. */
  readonly siteUrl: () => string
}

/** All that auth is made of, built from its surroundings and its settings. */
export function assembleAuth(surroundings: AuthSurroundings, config: AuthConfig) {
  const { store, operator, live, mailer, clock, logger, siteUrl } = surroundings
  const { pepper, sealingKey } = config
  const sealing = new Sealing(sealingKey)
  const passwords = new Passwords({ pepper, cost: bcryptCostOf(config) })
  const recoveryCodes = new RecoveryCodes(pepper)
  const throttle = new SignInThrottle(store, clock)
  const devices = new DeviceTokens(sealingKey, clock)
  const counters = new SignInCounters(devices, pepper)
  const secondFactor = new SecondFactor({ accounts: store, sealing, recoveryCodes, clock })
  const stepUp = new StepUp({ accounts: store, passwords, secondFactor, throttle })
  const keys = new SigningKeyRing({ store, sealing, clock, publishAheadMs: config.keyPublishAheadMs })
  const signer = new AccessTokenSigner(keys, clock)
  const codes = new DeviceCodes(sealingKey)
  const grants = store.deviceGrants
  const tries = new CodeTries(store, clock)
  const lives = { idleMs: config.sessionIdleMs, maxMs: config.sessionMaxMs }
  const sessions = new Sessions({ store, standings: operator, signer, clock, ...lives })
  const endAccess = new EndAccess(store, live)
  const revokeApiToken = new RevokeApiToken(store, endAccess)
  const mails = new MailLater(mailer, clock, logger)
  const links = store.linkedSignIns
  const providers = config.signInProviders.map(signInProviderOf)
  const elsewhere = new SignInElsewhere({ accounts: store, links, providers, sealing, clock, endAccess })
  return {
    keys,
    endAccess,
    stepUp,
    signInElsewhere: elsewhere,
    finishElsewhere: new FinishElsewhere({
      elsewhere,
      accounts: store,
      secondFactor,
      throttle,
      counters,
      devices,
      sessions,
    }),
    keepLinks: new KeepLinks({ accounts: store, links, stepUp, endAccess }),
    letGuestsIn: new LetGuestsIn({ accounts: store, standings: operator, signer, email: config.guestAccount }),
    setFirstPassword: new SetFirstPassword({ store, passwords, secondFactor, throttle, endAccess, mails, clock }),
    deviceCodes: codes,
    askDeviceApproval: new AskDeviceApproval({ grants, codes, clock, pollIntervalMs: config.devicePollMs }),
    decideDeviceGrant: new DecideDeviceGrant({ accounts: store, grants, codes, tries, clock }),
    pollDeviceGrant: new PollDeviceGrant(grants, codes, clock),
    revokeOwnToken: new RevokeOwnToken(store, revokeApiToken),
    registerUser: new RegisterUser(store, passwords, clock),
    signIn: new SignIn({ accounts: store, passwords, secondFactor, throttle, devices, sessions, counters }),
    refreshSession: new RefreshSession({ accounts: store, store, sessions, endAccess }),
    signOut: new SignOut(endAccess),
    showAccount: new ShowAccount(store, operator),
    listSessions: new ListSessions(store, sessions),
    changePassword: new ChangePassword({ accounts: store, passwords, stepUp, endAccess, mails }),
    askPasswordReset: new AskPasswordReset({ store, counters, mails, clock, siteUrl }),
    resetPassword: new ResetPassword({ store, passwords, secondFactor, throttle, counters, endAccess, mails, clock }),
    enrolTotp: new EnrolTotp(store, stepUp, sealing),
    confirmTotp: new ConfirmTotp({ store, sealing, recoveryCodes, throttle, endAccess, clock }),
    removeTotp: new RemoveTotp(store, stepUp, endAccess),
    renewRecoveryCodes: new RenewRecoveryCodes(store, stepUp, recoveryCodes),
    createApiToken: new CreateApiToken(store, clock),
    listApiTokens: new ListApiTokens(store),
    revokeApiToken,
    exchangeApiToken: new ExchangeApiToken(store, operator, { signer, clock }),
    forgetStale: new ForgetStale(store, clock),
    keepAccounts: new KeepAccounts(store, operator, endAccess),
  }
}

export type Auth = ReturnType<typeof assembleAuth>

const AUTH = Symbol('Auth')

type AuthDependencies = [
  UserStore,
  OperatorStore,
  LiveEvents,
  Mailer,
  Clock,
  MailWatch,
  Peers,
  KernelConfig,
  AuthConfig,
]

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
  {
    provide: AUTH,
    inject: [USER_STORE, OPERATOR_STORE, LIVE_EVENTS, MAILER, CLOCK, LOGGER, PEERS, KERNEL_CONFIG, authConfig.token],
    // One parameter for each token, as Nest hands them over.
    useFactory: (...[store, operator, live, mailer, clock, logger, peers, kernel, config]: AuthDependencies) => {
      const siteUrl = () => kernel.publicUrl ?? peers.ownUrl
      return assembleAuth({ store, operator, live, mailer, clock, logger, siteUrl }, config)
    },
  },
  provide(EndAccess, 'endAccess'),
  provide(StepUp, 'stepUp'),
  provide(SignInElsewhere, 'signInElsewhere'),
  provide(FinishElsewhere, 'finishElsewhere'),
  provide(KeepLinks, 'keepLinks'),
  provide(LetGuestsIn, 'letGuestsIn'),
  provide(SetFirstPassword, 'setFirstPassword'),
  provide(AskDeviceApproval, 'askDeviceApproval'),
  provide(DecideDeviceGrant, 'decideDeviceGrant'),
  provide(PollDeviceGrant, 'pollDeviceGrant'),
  provide(RevokeOwnToken, 'revokeOwnToken'),
  provide(SigningKeyRing, 'keys'),
  provide(RegisterUser, 'registerUser'),
  provide(SignIn, 'signIn'),
  provide(RefreshSession, 'refreshSession'),
  provide(SignOut, 'signOut'),
  provide(ShowAccount, 'showAccount'),
  provide(ListSessions, 'listSessions'),
  provide(ChangePassword, 'changePassword'),
  provide(AskPasswordReset, 'askPasswordReset'),
  provide(ResetPassword, 'resetPassword'),
  provide(RemoveTotp, 'removeTotp'),
  provide(RenewRecoveryCodes, 'renewRecoveryCodes'),
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
    useFactory: ({ keepAccounts, stepUp }: Auth) => localAccountService(keepAccounts, stepUp),
  },
  {
    provide: AuthCookies,
    inject: [CLOCK, authConfig.token, KERNEL_CONFIG],
    useFactory: (clock: Clock, config: AuthConfig, kernel: KernelConfig) =>
      new AuthCookies(clock, { secure: cookiesAreSecure(config.environment, kernel.publicUrl) }),
  },
  {
    provide: ElsewhereCookies,
    inject: [authConfig.token, KERNEL_CONFIG],
    useFactory: (config: AuthConfig, kernel: KernelConfig) =>
      new ElsewhereCookies({ secure: cookiesAreSecure(config.environment, kernel.publicUrl) }),
  },
]
