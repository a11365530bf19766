import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import type { DeviceTokens } from './device-tokens.ts'
import type { SecondFactor } from './second-factor.ts'
import type { Sessions } from './sessions.ts'
import type { AccountDisabled, SignedIn, SignInFailed, SignInRefusal } from './sign-in.ts'
import type { SignInCounters } from './sign-in-counters.ts'
import type { SignInElsewhere } from './sign-in-elsewhere.ts'
import type { ElsewhereExpired } from './sign-in-provider.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

/** Of the browser that signs in: what marks it as the account's own, and what it says it is. */
export interface SigningBrowser {
  readonly deviceToken: string | undefined
  readonly device: string | undefined
}

/** The last steps of signing in by a provider, which are ours. */
export class FinishElsewhere {
  readonly #elsewhere: SignInElsewhere
  readonly #accounts: AccountStore
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle
  readonly #counters: SignInCounters
  readonly #devices: DeviceTokens
  readonly #sessions: Sessions

  constructor(parts: {
    elsewhere: SignInElsewhere
    accounts: AccountStore
    secondFactor: SecondFactor
    throttle: SignInThrottle
    counters: SignInCounters
    devices: DeviceTokens
    sessions: Sessions
  }) {
    this.#elsewhere = parts.elsewhere
    this.#accounts = parts.accounts
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
    this.#counters = parts.counters
    this.#devices = parts.devices
    this.#sessions = parts.sessions
  }

  /** Opens the session of somebody of whom nothing is missing. */
  async open(user: User, browser: SigningBrowser): Promise<Result<SignedIn, AccountDisabled | SignInFailed>> {
    const session = await this.#sessions.open(user, browser.device)
    // An account that is being deleted is one that never was.
    if (!session.ok) return err({ kind: session.error.state === 'disabled' ? 'account-disabled' : 'sign-in-failed' })
    return ok({ ...session.value, deviceToken: this.#devices.issue(user.userId, browser.deviceToken) })
  }

  /** Takes the second factor of somebody for whom a provider vouched. Guesses are counted with those of signing in. */
  async withCode(
    sealed: string | undefined,
    code: string,
    browser: SigningBrowser,
  ): Promise<Result<SignedIn, ElsewhereExpired | SignInRefusal>> {
    const pending = this.#elsewhere.pending(sealed)
    const user = pending && (await this.#accounts.userById(pending.userId))
    if (!user) return err({ kind: 'elsewhere-expired' })
    const guess = await this.#throttle.begin(this.#counters.ofGuesses({ ...browser, email: user.email }, user))
    if (!guess.ok) return guess
    if (user.totp) {
      const accepted = await this.#secondFactor.accept(user, code)
      if (!accepted.ok) return accepted
    }
    await guess.value.succeed()
    return this.open(user, browser)
  }
}
