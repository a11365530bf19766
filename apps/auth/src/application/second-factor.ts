import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { AccountStore, User } from '@quarry/storage-port'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { Sealing } from './sealing.ts'
import { offsetOf, totpStepOf } from './totp-codes.ts'

/** The place of a user's TOTP secret, which its sealing is bound to. */
export function totpPlace(userId: string): string {
  return `totp secret of ${userId}`
}

/** The code is not right, or was used before. */
export interface CodeRefused {
  readonly kind: 'sign-in-failed'
}

/** The code is right for another time: the clock of the device that made it is off by so much, ahead if positive. */
export interface ClockOff {
  readonly kind: 'clock-off'
  readonly offMs: number
}

/** Checks codes of the authenticator and recovery codes, and uses them up. To be asked after the password was right. */
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

  /**
   * Accepts a code that is right and was never used; from now on it is used. Of two servers with one code one accepts it.
   * A code of a time to come is told from a wrong one only after it, and all before it, were used up: otherwise a guesser
   * would learn here what to show later.
   */
  async accept(user: User, code: string): Promise<Result<void, CodeRefused | ClockOff>> {
    if (!user.totp) return err({ kind: 'sign-in-failed' })
    const digits = code.replace(/\s/g, '')
    if (!/^\d{6}$/.test(digits)) {
      const used = await this.#accounts.useRecoveryCode(user.userId, this.#recoveryCodes.hashOf(user.userId, code))
      return used ? ok(undefined) : err({ kind: 'sign-in-failed' })
    }
    const { sealedSecret, lastStep } = user.totp
    const secret = this.#sealing.unseal(sealedSecret, totpPlace(user.userId))
    const now = this.#clock.now()
    const step = await totpStepOf(secret, digits, now)
    if (step !== undefined) {
      const accepted = await this.#accounts.acceptTotpStep(user.userId, sealedSecret, step)
      return accepted ? ok(undefined) : err({ kind: 'sign-in-failed' })
    }
    const far = await offsetOf(secret, digits, now)
    if (far === undefined || far.step <= lastStep) return err({ kind: 'sign-in-failed' })
    if (far.offMs > 0 && !(await this.#accounts.acceptTotpStep(user.userId, sealedSecret, far.step)))
      return err({ kind: 'sign-in-failed' })
    return err({ kind: 'clock-off', offMs: far.offMs })
  }
}
