import type { DeviceClient, DeviceRequestView, Scope } from '@quarry/contracts'
import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, DeviceGrant, DeviceGrantStore } from '@quarry/storage-port'
import type { CodeTries } from './code-tries.ts'
import type { DeviceCodes } from './device-codes.ts'
import type { TooManyGuesses } from './sign-in-throttle.ts'

/** Nothing may be approved, and no token made, by an account without a second factor. */
export interface TotpNeeded {
  readonly kind: 'totp-needed'
}

/** Nobody waits under this code: mistyped, over, or decided by somebody else. */
export interface NoSuchUserCode {
  readonly kind: 'no-such-user-code'
}

export type DecisionRefusal = TotpNeeded | NoSuchUserCode | TooManyGuesses

export class DecideDeviceGrant {
  readonly #accounts: AccountStore
  readonly #grants: DeviceGrantStore
  readonly #codes: DeviceCodes
  readonly #tries: CodeTries
  readonly #clock: Clock

  constructor(parts: {
    accounts: AccountStore
    grants: DeviceGrantStore
    codes: DeviceCodes
    tries: CodeTries
    clock: Clock
  }) {
    this.#accounts = parts.accounts
    this.#grants = parts.grants
    this.#codes = parts.codes
    this.#tries = parts.tries
    this.#clock = parts.clock
  }

  /** What waits under the code, for the person to judge. */
  async look(userId: UserId, typed: string): Promise<Result<DeviceRequestView, DecisionRefusal>> {
    const found = await this.#find(userId, typed)
    if (!found.ok) return found
    const { grant, userCode } = found.value
    if (grant.state !== 'pending') return err({ kind: 'no-such-user-code' })
    return ok({
      userCode,
      client: grant.client as DeviceClient,
      deviceName: grant.deviceName,
      scopes: grant.scopes as readonly Scope[],
      askedFrom: grant.askedFrom,
      askedAt: grant.createdAt,
      expiresAt: grant.expiresAt,
    })
  }

  /**
   * Lets the device have its token, or never. The first decision stands; making the same again is harmless. The token
   * is made when the device asks for it next: nothing is lost when this process dies in between.
   */
  async decide(userId: UserId, typed: string, state: 'approved' | 'refused'): Promise<Result<void, DecisionRefusal>> {
    const found = await this.#find(userId, typed)
    if (!found.ok) return found
    const { codeHash } = found.value.grant
    if (await this.#grants.decideGrant(codeHash, { state, userId, at: this.#clock.now() })) return ok(undefined)
    const now = await this.#grants.grantByCode(codeHash)
    const same = now?.userId === userId && (now.state === state || (state === 'approved' && now.state === 'redeemed'))
    return same ? ok(undefined) : err({ kind: 'no-such-user-code' })
  }

  async #find(
    userId: UserId,
    typed: string,
  ): Promise<Result<{ readonly grant: DeviceGrant; readonly userCode: string }, DecisionRefusal>> {
    if (!(await this.#accounts.userById(userId))?.totp) return err({ kind: 'totp-needed' })
    const attempt = await this.#tries.begin(userId)
    if (!attempt.ok) return attempt
    const userCode = this.#codes.readUserCode(typed)
    const grant = userCode && (await this.#grants.grantByUserCode(this.#codes.hashOfUserCode(userCode)))
    if (!userCode || !grant || this.#clock.now() >= grant.expiresAt || (grant.userId ?? userId) !== userId)
      return err({ kind: 'no-such-user-code' })
    await attempt.value.withdraw()
    return ok({ grant, userCode })
  }
}
