import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { base62OfUint32, randomBase62 } from './random-text.ts'

const PREFIX = 'qry_'
/** 30 characters of base62 are 178.6 bits. */
const SECRET_LENGTH = 30
const API_TOKEN = /^(qry_[0-9A-Za-z]{30})([0-9A-Za-z]{6})$/

/** A new API token, and the hash under which it is kept: a prefix for secret scanners, 178 random bits, a checksum. */
export function newApiToken(): { readonly token: string; readonly hash: string } {
  const body = PREFIX + randomBase62(SECRET_LENGTH)
  const token = body + checksumOf(body)
  return { token, hash: sha256(token) }
}

/** The hash under which the token is kept; undefined when it is no token of ours, so that the store is not asked. */
export function hashOfApiToken(text: string): string | undefined {
  const match = API_TOKEN.exec(text)
  return match && checksumOf(match[1]!) === match[2] ? sha256(text) : undefined
}

function checksumOf(body: string): string {
  return base62OfUint32(crc32(body))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
