import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import { NO_PASSWORD, type Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import type { SignInRefusal } from './sign-in.ts'
import { signedInCounter, type SignInThrottle } from './sign-in-throttle.ts'

/** What a signed-in user shows anew before something sensitive changes. */
export interface ShownFactors {
  readonly userId: UserId
  readonly password: string
  /** Of the second factor in force, or a recovery code; needed when there is a second factor. */
  readonly code?: string | undefined
}

/** Asks for all factors anew: a session alone, which may be somebody else's by now, changes nothing sensitive. */
export class StepUp {
  readonly #accounts: AccountStore
  readonly #passwords: Passwords
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle

  constructor(parts: {
    accounts: AccountStore
    passwords: Passwords
    secondFactor: SecondFactor
    throttle: SignInThrottle
  }) {
    this.#accounts = parts.accounts
    this.#passwords = parts.passwords
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
  }

  /** The user as read before the check, once every factor in force was right. The code is used up. */
  async run({ userId, password, code }: ShownFactors): Promise<Result<User, SignInRefusal>> {
    const guess = await this.#throttle.begin(signedInCounter(userId))
    if (!guess.ok) return guess
    const user = await this.#accounts.userById(userId)
    if (user?.passwordHash === NO_PASSWORD) {
      await guess.value.withdraw()
      return err({ kind: 'password-missing' })
    }
    const matches = await this.#passwords.matches(password, user?.passwordHash)
    if (!matches.ok) {
      await guess.value.withdraw()
      return matches
    }
    if (!user || !matches.value) return err({ kind: 'sign-in-failed' })
    if (user.totp) {
      if (code === undefined) {
        await guess.value.withdraw()
        return err({ kind: 'totp-required' })
      }
      const accepted = await this.#secondFactor.accept(user, code)
      if (!accepted.ok) return accepted
    }
    await guess.value.succeed()
    return ok(user)
  }
}
