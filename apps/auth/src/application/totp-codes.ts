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
 * The time step (RFC 6238) whose code this is, among the current one and its two neighbours, and only after
 * `lastStep`; undefined when there is none.
 */
export async function totpStepOf(
  secret: string,
  code: string,
  at: { readonly now: Instant; readonly lastStep?: number },
): Promise<number | undefined> {
  const epoch = Math.floor(at.now / 1000)
  const verdict = await verify({ secret, token: code, epoch, epochTolerance: STEP_S, period: STEP_S })
  if (!verdict.valid || !('timeStep' in verdict)) return undefined
  return at.lastStep === undefined || verdict.timeStep > at.lastStep ? verdict.timeStep : undefined
}
