import type { Clock, Instant, UserId } from '@quarry/domain'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { deriveKey } from './sealing.ts'
import { randomId } from './random-text.ts'

/** How long a browser counts as the account's own after it last signed in. */
export const DEVICE_LIFE_MS = 365 * 24 * 60 * 60 * 1000

/**
 * Signed marks of the browsers that have signed in to an account. They prove nothing and open nothing; they only let
 * the owner's own browser be counted apart from strangers who guess at the account.
 */
export class DeviceTokens {
  readonly #key: Buffer
  readonly #clock: Clock

  constructor(secret: string, clock: Clock) {
    this.#key = deriveKey(secret, 'devices')
    this.#clock = clock
  }

  /** A token for a browser that has just signed in; it stays the same device if it was one of this account before. */
  issue(userId: UserId, previous: string | undefined): string {
    return this.#sign(userId, this.deviceOf(previous, userId) ?? randomId(), this.#clock.now())
  }

  /** The device that the token stands for; undefined unless it is genuine, fresh enough and this user's. */
  deviceOf(token: string | undefined, userId: UserId): string | undefined {
    const [tokenUser, deviceId, issuedAt] = token?.split('.') ?? []
    if (token === undefined || tokenUser !== userId || deviceId === undefined || issuedAt === undefined)
      return undefined
    const genuine = Buffer.from(this.#sign(userId, deviceId, Number(issuedAt)))
    const given = Buffer.from(token)
    if (genuine.length !== given.length || !timingSafeEqual(genuine, given)) return undefined
    return this.#clock.now() - Number(issuedAt) < DEVICE_LIFE_MS ? deviceId : undefined
  }

  #sign(userId: UserId, deviceId: string, issuedAt: Instant): string {
    const text = `${userId}.${deviceId}.${issuedAt}`
    return `${text}.${createHmac('sha256', this.#key).update(text).digest('base64url')}`
  }
}
