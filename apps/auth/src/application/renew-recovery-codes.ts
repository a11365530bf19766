import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { ShownFactors, StepUp } from './step-up.ts'

/** The account has no second factor, or another one than a moment ago. */
export interface NoSecondFactor {
  readonly kind: 'no-second-factor'
}

export class RenewRecoveryCodes {
  readonly #accounts: AccountStore
  readonly #stepUp: StepUp
  readonly #recoveryCodes: RecoveryCodes

  constructor(accounts: AccountStore, stepUp: StepUp, recoveryCodes: RecoveryCodes) {
    this.#accounts = accounts
    this.#stepUp = stepUp
    this.#recoveryCodes = recoveryCodes
  }

  /** Ten new recovery codes, seen this once, instead of all older ones; after both factors were shown anew. */
  async run(shown: ShownFactors): Promise<Result<readonly string[], SignInRefusal | NoSecondFactor>> {
    const proven = await this.#stepUp.run(shown)
    if (!proven.ok) return proven
    const { userId, totp } = proven.value
    if (!totp) return err({ kind: 'no-second-factor' })
    const codes = this.#recoveryCodes.generate()
    const hashes = codes.map((text) => this.#recoveryCodes.hashOf(userId, text))
    const replaced = await this.#accounts.replaceRecoveryCodes(userId, totp.sealedSecret, hashes)
    return replaced ? ok(codes) : err({ kind: 'no-second-factor' })
  }
}
