import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { DeviceGrant, DeviceGrantStore } from '@quarry/storage-port'
import { newApiToken } from './api-token-text.ts'
import type { DeviceCodes } from './device-codes.ts'
import { randomId } from './random-text.ts'

/** What a device that polls too soon waits longer from then on. */
const SLOW_DOWN_MS = 5000

/** Why a poll brings no token, by the names of RFC 8628. */
export interface NoTokenYet {
  readonly kind: 'authorization-pending' | 'slow-down' | 'access-denied' | 'expired-token' | 'invalid-grant'
}

export interface DeviceToken {
  readonly token: string
  readonly scopes: readonly string[]
}

export class PollDeviceGrant {
  readonly #grants: DeviceGrantStore
  readonly #codes: DeviceCodes
  readonly #clock: Clock

  constructor(grants: DeviceGrantStore, codes: DeviceCodes, clock: Clock) {
    this.#grants = grants
    this.#codes = codes
    this.#clock = clock
  }

  /**
   * The API token, once a person has approved and only once: of polls at the same time one gets it. When its answer is
   * lost, or the process dies amid making it, the code is used up and the device has to ask anew.
   */
  async run(client: string, deviceCode: string): Promise<Result<DeviceToken, NoTokenYet>> {
    const grant = await this.#grants.grantByCode(this.#codes.hashOfDeviceCode(deviceCode))
    if (grant?.client !== client || grant.state === 'redeemed') return err({ kind: 'invalid-grant' })
    if (this.#clock.now() >= grant.expiresAt) return err({ kind: 'expired-token' })
    if (grant.state === 'refused') return err({ kind: 'access-denied' })
    if (!(await this.#isInTime(grant))) return err({ kind: 'slow-down' })
    if (grant.state === 'pending' || grant.userId === undefined) return err({ kind: 'authorization-pending' })
    const { token, hash } = newApiToken()
    const { userId, deviceName: name, scopes } = grant
    const stored = { userId, tokenId: randomId(), name, scopes, createdAt: this.#clock.now() }
    const redeemed = await this.#grants.redeemGrant(grant.codeHash, stored, hash)
    return redeemed ? ok({ token, scopes }) : err({ kind: 'invalid-grant' })
  }

  /** Notes the poll. One that comes too soon, or at the same time as another, lengthens the interval. */
  async #isInTime({ codeHash, polledAt, pollIntervalMs }: DeviceGrant): Promise<boolean> {
    const now = this.#clock.now()
    const tooSoon = polledAt !== 0 && now - polledAt < pollIntervalMs
    const next = { polledAt: now, pollIntervalMs: tooSoon ? pollIntervalMs + SLOW_DOWN_MS : pollIntervalMs }
    return (await this.#grants.notePoll(codeHash, polledAt, next)) && !tooSoon
  }
}
