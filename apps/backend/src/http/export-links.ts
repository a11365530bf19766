import type { Clock, UserId } from '@quarry/domain'
import { EXPORT_LINK_LIFE_MS } from '@quarry/contracts'
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a link allows, until `expiresAt`. */
export interface ExportWish {
  readonly userId: UserId
  readonly bodies: boolean
  readonly expiresAt: number
}

/**
 * Links that a browser fetches by itself, so that a long export goes straight to the disk. A link carries what it allows
 * and proves it; nothing is kept of it. Whoever has it can use it for a minute, so it is made after both factors only.
 */
export class ExportLinks {
  readonly #clock: Clock
  readonly #key: Buffer

  constructor(clock: Clock, secret: string) {
    this.#clock = clock
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'quarry export links', 32))
  }

  issue(userId: UserId, bodies: boolean): { ticket: string; expiresAt: number } {
    const expiresAt = this.#clock.now() + EXPORT_LINK_LIFE_MS
    const body = `${userId}.${bodies ? 1 : 0}.${expiresAt}`
    return { ticket: `${body}.${this.#sign(body).toString('base64url')}`, expiresAt }
  }

  /** Undefined for what was not issued here, or is over. */
  read(ticket: string): ExportWish | undefined {
    const match = /^([A-Za-z0-9_-]{1,64})\.([01])\.(\d{1,16})\.([A-Za-z0-9_-]{43})$/.exec(ticket)
    if (!match) return undefined
    const [, userId = '', bodies, until, signature = ''] = match
    const wish = { userId, bodies: bodies === '1', expiresAt: Number(until) }
    const given = Buffer.from(signature, 'base64url')
    const expected = this.#sign(`${userId}.${bodies}.${until}`)
    const genuine = given.length === expected.length && timingSafeEqual(given, expected)
    return genuine && this.#clock.now() < wish.expiresAt ? wish : undefined
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest()
  }
}
