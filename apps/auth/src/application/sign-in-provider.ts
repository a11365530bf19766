import type { Result } from '@quarry/domain'

/** What a provider vouches for. */
export interface ProviderClaims {
  /** Never changes, and is never given to anybody else by this provider. */
  readonly subject: string
  /** Lower case; undefined when the provider tells none. */
  readonly email: string | undefined
  readonly emailVerified: boolean
  /** The provider has seen a second factor, and the operator trusts it with that. */
  readonly secondFactor: boolean
}

/** What must come back unchanged, in the same browser. */
export interface ProviderChecks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** The browser came back with something that the provider did not give for this very request. */
export interface ElsewhereFailed {
  readonly kind: 'elsewhere-failed'
}

/** The browser was away for too long, or never went from here. */
export interface ElsewhereExpired {
  readonly kind: 'elsewhere-expired'
}

/** The person, or the provider, said no. */
export interface ElsewhereDeclined {
  readonly kind: 'elsewhere-declined'
}

/** The provider does not answer, or not as one. */
export interface ElsewhereUnreachable {
  readonly kind: 'elsewhere-unreachable'
}

/** Somebody else who knows people. */
export interface SignInProvider {
  readonly id: string
  readonly name: string
  /** Where the browser goes. */
  begin(redirectUri: string, checks: ProviderChecks): Promise<Result<string, ElsewhereUnreachable>>
  /** Whom the provider vouches for, by the address with which the browser came back. */
  finish(
    callback: URL,
    checks: ProviderChecks,
  ): Promise<Result<ProviderClaims, ElsewhereFailed | ElsewhereDeclined | ElsewhereUnreachable>>
}
