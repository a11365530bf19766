import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { UserStore } from '@quarry/storage-port'
import type { RecoveryCodes } from './recovery-codes.ts'
import type { Sealing } from './sealing.ts'
import { totpPlace } from './second-factor.ts'
import { readRefreshToken } from './sessions.ts'
import { signedInCounter, type SignInThrottle, type TooManyGuesses } from './sign-in-throttle.ts'
import { totpStepOf } from './totp-codes.ts'

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
  /** Whether all sessions but that of `refreshToken` end. */
  readonly endOtherSessions: boolean
  readonly refreshToken: string | undefined
}

export class ConfirmTotp {
  readonly #store: UserStore
  readonly #sealing: Sealing
  readonly #recoveryCodes: RecoveryCodes
  readonly #throttle: SignInThrottle
  readonly #clock: Clock

  constructor(parts: {
    store: UserStore
    sealing: Sealing
    recoveryCodes: RecoveryCodes
    throttle: SignInThrottle
    clock: Clock
  }) {
    this.#store = parts.store
    this.#sealing = parts.sealing
    this.#recoveryCodes = parts.recoveryCodes
    this.#throttle = parts.throttle
    this.#clock = parts.clock
  }

  /** Puts the proposed second factor in force and gives the only sight of its recovery codes. */
  async run(
    request: ConfirmTotpRequest,
  ): Promise<Result<readonly string[], NothingProposed | WrongCode | TooManyGuesses>> {
    const { userId, code } = request
    const sealedSecret = (await this.#store.userById(userId))?.proposedTotp
    if (sealedSecret === undefined) return err({ kind: 'nothing-proposed' })
    const guess = await this.#throttle.begin(signedInCounter(userId))
    if (!guess.ok) return guess
    const secret = this.#sealing.unseal(sealedSecret, totpPlace(userId))
    const step = await totpStepOf(secret, code, this.#clock.now())
    if (step === undefined) return err({ kind: 'wrong-code' })
    await guess.value.succeed()
    const codes = this.#recoveryCodes.generate()
    const recoveryCodeHashes = codes.map((text) => this.#recoveryCodes.hashOf(userId, text))
    if (!(await this.#store.confirmTotp(userId, { sealedSecret, step, recoveryCodeHashes })))
      return err({ kind: 'nothing-proposed' })
    if (request.endOtherSessions) await this.#endOthers(userId, request.refreshToken)
    return ok(codes)
  }

  async #endOthers(userId: UserId, refreshToken: string | undefined): Promise<void> {
    const own = readRefreshToken(refreshToken)
    await this.#store.endSessionsOf(userId, own?.userId === userId ? own.sessionId : undefined)
  }
}
