import { deviceClients, type DeviceClient, type Scope } from '@quarry/contracts'
import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { DeviceGrantStore } from '@quarry/storage-port'
import { AddressLimit } from './address-limit.ts'
import type { DeviceCodes } from './device-codes.ts'
import type { TooManyGuesses } from './sign-in-throttle.ts'

/** How long a device waits for its approval. */
export const DEVICE_GRANT_LIFE_MS = 15 * 60_000
const PER_MINUTE = 10
const TRIES = 3

/** The program asks for more than it may have. */
export interface ScopeNotAllowed {
  readonly kind: 'scope-not-allowed'
}

export interface AskDeviceApprovalRequest {
  readonly client: DeviceClient
  /** All that the client may have when left out. */
  readonly scopes?: readonly string[] | undefined
  readonly deviceName?: string | undefined
  readonly askedFrom: string
}

export interface AskedApproval {
  readonly deviceCode: string
  readonly userCode: string
  readonly expiresInMs: number
  readonly pollIntervalMs: number
}

export class AskDeviceApproval {
  readonly #grants: DeviceGrantStore
  readonly #codes: DeviceCodes
  readonly #clock: Clock
  readonly #pollIntervalMs: number
  readonly #limit: AddressLimit

  constructor(parts: { grants: DeviceGrantStore; codes: DeviceCodes; clock: Clock; pollIntervalMs: number }) {
    this.#grants = parts.grants
    this.#codes = parts.codes
    this.#clock = parts.clock
    this.#pollIntervalMs = parts.pollIntervalMs
    this.#limit = new AddressLimit(parts.clock, PER_MINUTE)
  }

  /** Begins to wait for a person. Whoever asks often from one address has to pause. */
  async run(request: AskDeviceApprovalRequest): Promise<Result<AskedApproval, ScopeNotAllowed | TooManyGuesses>> {
    const { client, askedFrom } = request
    const allowed: readonly Scope[] = deviceClients[client]
    const scopes = request.scopes?.length ? allowed.filter((scope) => request.scopes?.includes(scope)) : allowed
    if (request.scopes?.some((scope) => !(allowed as readonly string[]).includes(scope)))
      return err({ kind: 'scope-not-allowed' })
    const counted = this.#limit.count(askedFrom)
    if (!counted.ok) return counted
    const now = this.#clock.now()
    const deviceName = request.deviceName ?? client
    for (let tries = 0; tries < TRIES; tries++) {
      const deviceCode = this.#codes.newDeviceCode()
      const userCode = this.#codes.newUserCode()
      const created = await this.#grants.createGrant({
        codeHash: this.#codes.hashOfDeviceCode(deviceCode),
        userCodeHash: this.#codes.hashOfUserCode(userCode),
        client,
        deviceName,
        scopes,
        askedFrom,
        createdAt: now,
        expiresAt: now + DEVICE_GRANT_LIFE_MS,
        pollIntervalMs: this.#pollIntervalMs,
      })
      if (created)
        return ok({ deviceCode, userCode, expiresInMs: DEVICE_GRANT_LIFE_MS, pollIntervalMs: this.#pollIntervalMs })
    }
    throw new Error('Three user codes in a row were taken: is there so little chance?')
  }
}
