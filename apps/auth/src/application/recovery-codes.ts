import type { UserId } from '@quarry/domain'
import { createHmac, randomBytes } from 'node:crypto'
import { deriveKey } from './sealing.ts'

const CODES = 10
/** Crockford's base32: no letter that looks like a digit. 16 of them are 80 bits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const CODE_LENGTH = 16

/** Single-use codes for somebody who has lost the authenticator. Kept as keyed hashes, useless without the pepper. */
export class RecoveryCodes {
  readonly #key: Buffer

  constructor(pepper: string) {
    this.#key = deriveKey(pepper, 'recovery codes')
  }

  /** Ten new codes as they are shown to their owner. */
  generate(): readonly string[] {
    return Array.from({ length: CODES }, () => {
      const letters = [...randomBytes(CODE_LENGTH)].map((byte) => ALPHABET[byte % 32]).join('')
      return letters.replace(/(.{4})(?=.)/g, '$1-')
    })
  }

  /** The hash under which a code is kept; however it was typed (upper case, blanks, O for 0), it is the same. */
  hashOf(userId: UserId, code: string): string {
    const letters = code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')
    return createHmac('sha256', this.#key).update(`${userId}:${letters}`).digest('hex')
  }
}
