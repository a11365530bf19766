import type { User } from '@quarry/storage-port'
import { createHmac } from 'node:crypto'
import type { DeviceTokens } from './device-tokens.ts'
import { deriveKey } from './sealing.ts'

/** Names the counters of guesses that are made without being signed in. */
export class SignInCounters {
  readonly #devices: DeviceTokens
  readonly #key: Buffer

  constructor(devices: DeviceTokens, pepper: string) {
    this.#devices = devices
    this.#key = deriveKey(pepper, 'throttled addresses')
  }

  /** A browser of the account's own is counted apart, so that strangers cannot keep the owner out of it. */
  ofGuesses(
    { email, deviceToken }: { email: string; deviceToken?: string | undefined },
    user: User | undefined,
  ): string {
    const device = user && this.#devices.deviceOf(deviceToken, user.userId)
    return device === undefined ? `address:${this.#hidden(email)}` : `device:${device}`
  }

  /** Mails to an address that anybody may cause. */
  ofMails(email: string): string {
    return `mail:${this.#hidden(email)}`
  }

  #hidden(email: string): string {
    return createHmac('sha256', this.#key).update(email).digest('base64url')
  }
}
