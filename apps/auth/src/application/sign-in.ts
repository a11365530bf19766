import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import type { Busy } from './bounded-work.ts'
import type { DeviceTokens } from './device-tokens.ts'
import type { Passwords } from './passwords.ts'
import type { ClockOff, SecondFactor } from './second-factor.ts'
import type { OpenSession, Sessions } from './sessions.ts'
import type { SignInCounters } from './sign-in-counters.ts'
import type { SignInThrottle, TooManyGuesses } from './sign-in-throttle.ts'

/** The address, the password or the code was wrong; nobody is told which. */
export interface SignInFailed {
  readonly kind: 'sign-in-failed'
}

/** The password was right, and the account wants a code as well. */
export interface TotpRequired {
  readonly kind: 'totp-required'
}

/** Every factor was right, and an operator disabled the account. */
export interface AccountDisabled {
  readonly kind: 'account-disabled'
}

/** The account came from a provider and has no password yet, which its signed-in owner is told. */
export interface PasswordMissing {
  readonly kind: 'password-missing'
}

export type SignInRefusal =
  SignInFailed | TotpRequired | ClockOff | TooManyGuesses | Busy | AccountDisabled | PasswordMissing

export interface SignInRequest {
  readonly email: string
  readonly password: string
  readonly code?: string | undefined
  /** The mark of a browser that has signed in before. */
  readonly deviceToken?: string | undefined
  /** What the browser says it is, to be shown in the list of sessions. */
  readonly device?: string | undefined
}

export interface SignedIn extends OpenSession {
  readonly deviceToken: string
}

export class SignIn {
  readonly #accounts: AccountStore
  readonly #passwords: Passwords
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle
  readonly #devices: DeviceTokens
  readonly #sessions: Sessions
  readonly #counters: SignInCounters

  constructor(parts: {
    accounts: AccountStore
    passwords: Passwords
    secondFactor: SecondFactor
    throttle: SignInThrottle
    devices: DeviceTokens
    sessions: Sessions
    counters: SignInCounters
  }) {
    this.#accounts = parts.accounts
    this.#passwords = parts.passwords
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
    this.#devices = parts.devices
    this.#sessions = parts.sessions
    this.#counters = parts.counters
  }

  /**
   * Opens a session for whoever shows all factors. Unknown addresses are answered, counted and worked for as known ones.
   * Guesses from a browser of the account's own are counted apart, so that strangers cannot keep the owner out of it.
   */
  async run(request: SignInRequest): Promise<Result<SignedIn, SignInRefusal>> {
    const user = await this.#accounts.userByEmail(request.email)
    const guess = await this.#throttle.begin(this.#counters.ofGuesses(request, user))
    if (!guess.ok) return guess
    const matches = await this.#passwords.matches(request.password, user?.passwordHash)
    if (!matches.ok) {
      await guess.value.withdraw()
      return matches
    }
    if (!user || !matches.value) return err({ kind: 'sign-in-failed' })
    if (user.totp) {
      if (request.code === undefined) {
        await guess.value.withdraw()
        return err({ kind: 'totp-required' })
      }
      const accepted = await this.#secondFactor.accept(user, request.code)
      if (!accepted.ok) return accepted
    }
    await guess.value.succeed()
    await this.#strengthen(user, request.password)
    const session = await this.#sessions.open(user, request.device)
    // An account that is being deleted is one that never was.
    if (!session.ok) return err({ kind: session.error.state === 'disabled' ? 'account-disabled' : 'sign-in-failed' })
    return ok({ ...session.value, deviceToken: this.#devices.issue(user.userId, request.deviceToken) })
  }

  /** Hashes the password anew when its hash is of a cost of the past; a log-in does not fail for it. */
  async #strengthen(user: User, password: string): Promise<void> {
    if (!this.#passwords.isOutdated(user.passwordHash)) return
    const hashed = await this.#passwords.hash(password)
    if (hashed.ok) await this.#accounts.replacePasswordHash(user.userId, user.passwordHash, hashed.value)
  }
}
