import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16

/** A key of 256 bits for one purpose, from a secret of any length; keys of different purposes tell nothing of each other. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `quarry auth ${purpose}`, 32))
}

/** The sealing key is not the one the value was sealed with, or the value was changed or moved from its place. */
export class CannotUnseal extends Error {
  override readonly name = 'CannotUnseal'
}

/** Encrypts what must be readable again (AES-256-GCM). The place binds a value to its row, so that rows cannot be swapped. */
export class Sealing {
  readonly #key: Buffer

  constructor(secret: string) {
    this.#key = deriveKey(secret, 'sealing')
  }

  seal(text: string, place: string): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(place))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), sealed]).toString('base64url')
  }

  /** The inverse of `seal`; throws `CannotUnseal`. */
  unseal(sealed: string, place: string): string {
    const bytes = Buffer.from(sealed, 'base64url')
    try {
      if (bytes[0] !== VERSION) throw new Error(`unknown version ${bytes[0]}`)
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(1, 1 + IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES))
      return decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    } catch (cause) {
      throw new CannotUnseal(`${place} cannot be unsealed: was QUARRY_AUTH_SEALING_KEY changed?`, { cause })
    }
  }
}
