import type { TotpEnrolmentView } from '@quarry/contracts'
import { ok, type Result } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import type { Sealing } from './sealing.ts'
import { totpPlace } from './second-factor.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { ShownFactors, StepUp } from './step-up.ts'
import { newTotpSecret, otpauthUriOf } from './totp-codes.ts'

export class EnrolTotp {
  readonly #accounts: AccountStore
  readonly #stepUp: StepUp
  readonly #sealing: Sealing

  constructor(accounts: AccountStore, stepUp: StepUp, sealing: Sealing) {
    this.#accounts = accounts
    this.#stepUp = stepUp
    this.#sealing = sealing
  }

  /** Proposes a new secret, after all factors in force were shown anew. Those stay until the new one is confirmed. */
  async run(shown: ShownFactors): Promise<Result<TotpEnrolmentView, SignInRefusal>> {
    const proven = await this.#stepUp.run(shown)
    if (!proven.ok) return proven
    const { userId, email } = proven.value
    const secret = newTotpSecret()
    await this.#accounts.proposeTotp(userId, this.#sealing.seal(secret, totpPlace(userId)))
    return ok({ secret, otpauthUri: otpauthUriOf(email, secret) })
  }
}
