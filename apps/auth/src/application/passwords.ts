import { compare, getRounds, hash } from 'bcrypt'
import { createHmac } from 'node:crypto'
import { ok, type Result } from '@quarry/domain'
import { BoundedWork, type Busy } from './bounded-work.ts'

/** A well-formed hash of no password, so that checking a password of nobody is as much work as of somebody. */
const NOBODY_SALT_AND_HASH = 'C6UzMDM.H6dfI/f/IKcEeO7ZbNQOXHIMLCE.3IbjVbOGTYMCVQ0kW'

/** Stands for the hash of an account without a password: it fits none. */
export const NO_PASSWORD = '!'

/**
 * Password hashes: bcrypt over base64(HMAC-SHA-384(password, pepper)). The HMAC is 64 characters long whatever the
 * password, so bcrypt's limit of 72 bytes and its dislike of NUL never show. Passwords are compared in Unicode's NFC, as
 * RFC 8265 says: the same letters typed on another machine are the same password, and nothing else is folded together.
 *
 * Two hashes at most are computed at once and few may wait, so that a flood of log-ins leaves the process responsive.
 */
export class Passwords {
  readonly #pepper: string
  readonly #cost: number
  readonly #work = new BoundedWork({ atOnce: 2, mayWait: 32 })

  constructor(settings: { readonly pepper: string; readonly cost: number }) {
    this.#pepper = settings.pepper
    this.#cost = settings.cost
  }

  hash(password: string): Promise<Result<string, Busy>> {
    return this.#work.run(() => hash(this.#peppered(password), this.#cost))
  }

  /** Whether the password fits the hash; without a hash the answer is false after the same work. */
  async matches(password: string, stored: string | undefined): Promise<Result<boolean, Busy>> {
    const known = stored !== undefined && stored !== NO_PASSWORD
    const against = known ? stored : `$2b$${String(this.#cost).padStart(2, '0')}$${NOBODY_SALT_AND_HASH}`
    const compared = await this.#work.run(() => compare(this.#peppered(password), against))
    return compared.ok ? ok(compared.value && known) : compared
  }

  /** Whether the hash was made at less than today's cost. */
  isOutdated(stored: string): boolean {
    return getRounds(stored) < this.#cost
  }

  #peppered(password: string): string {
    return createHmac('sha384', this.#pepper).update(password.normalize('NFC'), 'utf8').digest('base64')
  }
}
