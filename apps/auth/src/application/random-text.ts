import { randomBytes } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Letters and digits from the system's secure generator, each as likely as any other: 5.95 bits a character. */
export function randomBase62(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += BASE62.charAt(byte % 62)
    }
  }
  return text
}

/** A number of 32 bits as six characters, for checksums. */
export function base62OfUint32(value: number): string {
  let text = ''
  for (let rest = value, place = 0; place < 6; place++, rest = Math.floor(rest / 62))
    text = BASE62.charAt(rest % 62) + text
  return text
}

/** A fresh id of 131 random bits; it fits the contract's id fields. */
export function randomId(): string {
  return randomBase62(22)
}
