import type { TotpEnrolmentView } from '@quarry/contracts'
import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import type { Passwords } from './passwords.ts'
import type { Sealing } from './sealing.ts'
import { totpPlace, type SecondFactor } from './second-factor.ts'
import type { SignInRefusal } from './sign-in.ts'
import { signedInCounter, type SignInThrottle } from './sign-in-throttle.ts'
import { newTotpSecret, otpauthUriOf } from './totp-codes.ts'

export interface EnrolTotpRequest {
  readonly userId: UserId
  readonly password: string
  /** A code of the second factor in force; needed when there is one. */
  readonly code?: string | undefined
}

export class EnrolTotp {
  readonly #accounts: AccountStore
  readonly #passwords: Passwords
  readonly #secondFactor: SecondFactor
  readonly #throttle: SignInThrottle
  readonly #sealing: Sealing

  constructor(parts: {
    accounts: AccountStore
    passwords: Passwords
    secondFactor: SecondFactor
    throttle: SignInThrottle
    sealing: Sealing
  }) {
    this.#accounts = parts.accounts
    this.#passwords = parts.passwords
    this.#secondFactor = parts.secondFactor
    this.#throttle = parts.throttle
    this.#sealing = parts.sealing
  }

  /** Proposes a new secret, after all factors in force were shown anew. Those stay until the new one is confirmed. */
  async run({ userId, password, code }: EnrolTotpRequest): Promise<Result<TotpEnrolmentView, SignInRefusal>> {
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
    const secret = newTotpSecret()
    await this.#accounts.proposeTotp(userId, this.#sealing.seal(secret, totpPlace(userId)))
    return ok({ secret, otpauthUri: otpauthUriOf(user.email, secret) })
  }
}
