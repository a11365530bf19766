import type { Instant } from '@quarry/domain'
import { generateSecret, generateURI, verify } from 'otplib'

const STEP_S = 30
const SECRET_BYTES = 20

/** The name that authenticator apps show beside the address. */
const ISSUER = 'Quarry'

/** A secret of 160 random bits, in base32. */
export function newTotpSecret(): string {
  return generateSecret({ length: SECRET_BYTES })
}

/** What an authenticator app scans as a QR code. */
export function otpauthUriOf(email: string, secret: string): string {
  return generateURI({ issuer: ISSUER, label: email, secret, period: STEP_S, digits: 6 })
}

/**
 * The time step (RFC 6238) whose code this is, among the current one and its two neighbours; undefined when there is
 * none. Whether the step was used before, the store decides: only there can two servers not both say no.
 */
export async function totpStepOf(secret: string, code: string, now: Instant): Promise<number | undefined> {
  const epoch = Math.floor(now / 1000)
  const verdict = await verify({ secret, token: code, epoch, epochTolerance: STEP_S, period: STEP_S })
  return verdict.valid && 'timeStep' in verdict ? verdict.timeStep : undefined
}
