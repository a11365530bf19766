import type { User } from '@quarry/storage-port'
import { createHash } from 'node:crypto'
import { randomBase62 } from './random-text.ts'

/** How long a mailed link to a new password is good. */
export const RESET_LIFE_MS = 30 * 60_000

/** 43 characters of base62 are 256 bits. */
const LENGTH = 43
const TOKEN = /^[0-9A-Za-z]{43}$/

/** A new token for a link, and the hash under which it is kept. */
export function newResetToken(): { readonly token: string; readonly tokenHash: string } {
  const token = randomBase62(LENGTH)
  return { token, tokenHash: sha256(token) }
}

/** Undefined when it is no token of ours, so that the store is not asked. */
export function hashOfResetToken(text: string): string | undefined {
  return TOKEN.test(text) ? sha256(text) : undefined
}

/** Stands for the password in force; any change of it changes the mark. */
export function markOf(user: Pick<User, 'passwordHash'>): string {
  return sha256(user.passwordHash)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
