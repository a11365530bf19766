import { ACCESS_TOKEN_LIFE_MS, TOKEN_AUDIENCE, TOKEN_ISSUER, type Scope } from '@quarry/contracts'
import type { Clock, Instant, UserId } from '@quarry/domain'
import { SignJWT } from 'jose'
import { randomId } from './random-text.ts'
import type { SigningKeyRing } from './signing-key-ring.ts'

/** How far another server's clock may lag behind ours before it takes a fresh token for one of the future. */
const CLOCK_SKEW_S = 5

export interface AccessToken {
  readonly accessToken: string
  readonly expiresAt: Instant
}

/** Makes the short-lived tokens by which every service knows a user (EdDSA; see the claims in the contract). */
export class AccessTokenSigner {
  readonly #keys: SigningKeyRing
  readonly #clock: Clock

  constructor(keys: SigningKeyRing, clock: Clock) {
    this.#keys = keys
    this.#clock = clock
  }

  /** `grant` names what the token was given for, so that it ends with that. */
  async sign(userId: UserId, scopes: readonly Scope[], grant: string): Promise<AccessToken> {
    const { kid, privateKey } = await this.#keys.signer()
    const issuedAtS = Math.floor(this.#clock.now() / 1000)
    const expiresAtS = issuedAtS + ACCESS_TOKEN_LIFE_MS / 1000
    const accessToken = await new SignJWT({ scope: scopes.join(' '), grant })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setSubject(userId)
      .setIssuedAt(issuedAtS)
      .setNotBefore(issuedAtS - CLOCK_SKEW_S)
      .setExpirationTime(expiresAtS)
      .setJti(randomId())
      .sign(privateKey)
    return { accessToken, expiresAt: expiresAtS * 1000 }
  }
}
