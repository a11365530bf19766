import type { Clock } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { Sealing } from './sealing.ts'
import { totpStepOf } from './totp-codes.ts'

/** The place of a user's TOTP secret, which its sealing is bound to. */
export function totpPlace(userId: string): string {
  return `totp secret of ${userId}`
}

/** Checks codes of the authenticator and recovery codes, and uses them up. */
export class SecondFactor {
  readonly #accounts: AccountStore
  readonly #sealing: Sealing
  readonly #recoveryCodes: RecoveryCodes
  readonly #clock: Clock

  constructor(parts: { accounts: AccountStore; sealing: Sealing; recoveryCodes: RecoveryCodes; clock: Clock }) {
    this.#accounts = parts.accounts
    this.#sealing = parts.sealing
    this.#recoveryCodes = parts.recoveryCodes
    this.#clock = parts.clock
  }

  /** Whether the code is right and was never used; from now on it is used. Of two servers with one code one gets true. */
  async accept(user: User, code: string): Promise<boolean> {
    if (!user.totp) return false
    const digits = code.replace(/\s/g, '')
    if (!/^\d{6}$/.test(digits)) {
      return this.#accounts.useRecoveryCode(user.userId, this.#recoveryCodes.hashOf(user.userId, code))
    }
    const { sealedSecret } = user.totp
    const secret = this.#sealing.unseal(sealedSecret, totpPlace(user.userId))
    const step = await totpStepOf(secret, digits, this.#clock.now())
    return step !== undefined && this.#accounts.acceptTotpStep(user.userId, sealedSecret, step)
  }
}
