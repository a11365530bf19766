import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore } from '@quarry/storage-port'
import type { EndAccess } from './ended-access.ts'
import type { NoSecondFactor } from './renew-recovery-codes.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { ShownFactors, StepUp } from './step-up.ts'

export interface RemoveTotpRequest extends ShownFactors {
  /** Whether all sessions but `sessionId` end. */
  readonly endOtherSessions: boolean
  readonly sessionId: string | undefined
}

export class RemoveTotp {
  readonly #accounts: AccountStore
  readonly #stepUp: StepUp
  readonly #endAccess: EndAccess

  constructor(accounts: AccountStore, stepUp: StepUp, endAccess: EndAccess) {
    this.#accounts = accounts
    this.#stepUp = stepUp
    this.#endAccess = endAccess
  }

  /** Takes the second factor and its recovery codes away, after both factors were shown anew. API tokens stay. */
  async run(request: RemoveTotpRequest): Promise<Result<void, SignInRefusal | NoSecondFactor>> {
    const proven = await this.#stepUp.run(request)
    if (!proven.ok) return proven
    const { userId, totp } = proven.value
    if (!totp || !(await this.#accounts.removeTotp(userId, totp.sealedSecret))) return err({ kind: 'no-second-factor' })
    if (request.endOtherSessions) await this.#endAccess.sessionsOf(userId, request.sessionId)
    return ok(undefined)
  }
}
