import { createHash, createHmac, randomBytes } from 'node:crypto'
import { randomBase62 } from './random-text.ts'
import { deriveKey } from './sealing.ts'

/** Consonants that nobody mistakes for each other and that make no words; 8 of them are 34.6 bits. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LENGTH = 8
/** 43 characters of base62 are 256 bits. */
const DEVICE_CODE_LENGTH = 43

/** The two codes of a waiting device: the long one that it keeps to itself, and the short one that a person types. */
export class DeviceCodes {
  readonly #key: Buffer

  constructor(secret: string) {
    this.#key = deriveKey(secret, 'user codes')
  }

  newDeviceCode(): string {
    return randomBase62(DEVICE_CODE_LENGTH)
  }

  /** As it is shown: `XXXX-XXXX`. */
  newUserCode(): string {
    let letters = ''
    while (letters.length < USER_CODE_LENGTH) {
      for (const byte of randomBytes(USER_CODE_LENGTH)) {
        if (byte < 240 && letters.length < USER_CODE_LENGTH) letters += ALPHABET.charAt(byte % 20)
      }
    }
    return shown(letters)
  }

  /** The code as it is shown, however it was typed; undefined when it cannot be one. */
  readUserCode(typed: string): string | undefined {
    const letters = typed.toUpperCase().replace(/[\s-]/g, '')
    return /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(letters) ? shown(letters) : undefined
  }

  hashOfDeviceCode(deviceCode: string): string {
    return createHash('sha256').update(deviceCode).digest('hex')
  }

  /** Keyed, because 34 bits could be tried out. */
  hashOfUserCode(userCode: string): string {
    return createHmac('sha256', this.#key).update(userCode).digest('hex')
  }
}

function shown(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}
