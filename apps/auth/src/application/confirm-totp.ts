import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { UserStore } from '@quarry/storage-port'
import type { EndAccess } from './ended-access.ts'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { Sealing } from './sealing.ts'
import { totpPlace, type ClockOff } from './second-factor.ts'
import { signedInCounter, type SignInThrottle, type TooManyGuesses } from './sign-in-throttle.ts'
import { offsetOf, totpStepOf } from './totp-codes.ts'

/** No secret waits to be confirmed. */
export interface NothingProposed {
  readonly kind: 'nothing-proposed'
}

export interface WrongCode {
  readonly kind: 'wrong-code'
}

export interface ConfirmTotpRequest {
  readonly userId: UserId
  readonly code: string
  /** Whether all sessions but `sessionId` end. */
  readonly endOtherSessions: boolean
  readonly sessionId: string | undefined
}

export class ConfirmTotp {
  readonly #store: UserStore
  readonly #sealing: Sealing
  readonly #recoveryCodes: RecoveryCodes
  readonly #throttle: SignInThrottle
  readonly #endAccess: EndAccess
  readonly #clock: Clock

  constructor(parts: {
    store: UserStore
    sealing: Sealing
    recoveryCodes: RecoveryCodes
    throttle: SignInThrottle
    endAccess: EndAccess
    clock: Clock
  }) {
    this.#store = parts.store
    this.#sealing = parts.sealing
    this.#recoveryCodes = parts.recoveryCodes
    this.#throttle = parts.throttle
    this.#endAccess = parts.endAccess
    this.#clock = parts.clock
  }

  /** Puts the proposed second factor in force and gives the only sight of its recovery codes. */
  async run(
    request: ConfirmTotpRequest,
  ): Promise<Result<readonly string[], NothingProposed | WrongCode | ClockOff | TooManyGuesses>> {
    const { userId, code } = request
    const sealedSecret = (await this.#store.userById(userId))?.proposedTotp
    if (sealedSecret === undefined) return err({ kind: 'nothing-proposed' })
    const guess = await this.#throttle.begin(signedInCounter(userId))
    if (!guess.ok) return guess
    const secret = this.#sealing.unseal(sealedSecret, totpPlace(userId))
    const step = await totpStepOf(secret, code, this.#clock.now())
    if (step === undefined) return err(await this.#refusalOf(secret, code))
    await guess.value.succeed()
    const codes = this.#recoveryCodes.generate()
    const recoveryCodeHashes = codes.map((text) => this.#recoveryCodes.hashOf(userId, text))
    if (!(await this.#store.confirmTotp(userId, { sealedSecret, step, recoveryCodeHashes })))
      return err({ kind: 'nothing-proposed' })
    if (request.endOtherSessions) await this.#endAccess.sessionsOf(userId, request.sessionId)
    else this.#endAccess.tell(userId, [])
    return ok(codes)
  }

  /** The secret is the asker's own, and does not count yet: telling of a clock gives nothing away. */
  async #refusalOf(secret: string, code: string): Promise<WrongCode | ClockOff> {
    const far = await offsetOf(secret, code, this.#clock.now())
    return far ? { kind: 'clock-off', offMs: far.offMs } : { kind: 'wrong-code' }
  }
}
