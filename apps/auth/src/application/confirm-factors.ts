import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import type { SignInRefusal } from './sign-in.ts'
import { signedInCounter, type SignInThrottle } from './sign-in-throttle.ts'

export class ConfirmFactors {
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

  /** Whether a signed-in user shows all factors in force anew. Wrong ones count as guesses; a code is used up. */
  async run(
    userId: UserId,
    { password, code }: { readonly password: string; readonly code?: string | undefined },
  ): Promise<Result<User, SignInRefusal>> {
    const guess = await this.#throttle.begin(signedInCounter(userId))
    if (!guess.ok) return guess
    const user = await this.#accounts.userById(userId)
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
      if (!(await this.#secondFactor.accept(user, code))) return err({ kind: 'sign-in-failed' })
    }
    await guess.value.succeed()
    return ok(user)
  }
}
