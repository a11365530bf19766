import type { Instant } from '@quarry/domain'
import { generateSecret, generateURI, verify } from 'otplib'

const STEP_S = 30
const SECRET_BYTES = 20
/** How far off a clock may be for us to say so: 20 steps, ten minutes. */
const FAR_S = 20 * STEP_S

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
export function totpStepOf(secret: string, code: string, now: Instant): Promise<number | undefined> {
  return stepWithin(secret, code, { now, toleranceS: STEP_S })
}

/** The step within ten minutes whose code this is, and how far it is from now; undefined when there is none. */
export async function offsetOf(
  secret: string,
  code: string,
  now: Instant,
): Promise<{ readonly step: number; readonly offMs: number } | undefined> {
  const step = await stepWithin(secret, code, { now, toleranceS: FAR_S })
  if (step === undefined) return undefined
  return { step, offMs: (step - Math.floor(now / 1000 / STEP_S)) * STEP_S * 1000 }
}

async function stepWithin(
  secret: string,
  code: string,
  { now, toleranceS }: { readonly now: Instant; readonly toleranceS: number },
): Promise<number | undefined> {
  const epoch = Math.floor(now / 1000)
  const verdict = await verify({ secret, token: code, epoch, epochTolerance: toleranceS, period: STEP_S })
  return verdict.valid && 'timeStep' in verdict ? verdict.timeStep : undefined
}
