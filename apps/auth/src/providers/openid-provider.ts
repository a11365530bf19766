import { err, ok, type Result } from '@quarry/domain'
import * as openid from 'openid-client'
import type {
  ElsewhereUnreachable,
  ProviderChecks,
  ProviderClaims,
  SignInProvider,
} from '../application/sign-in-provider.ts'
import type { SignInProviderSettings } from '../sign-in-providers.config.ts'
import { PROVIDER_TIMEOUT_S, troubleOf } from './trouble-of.ts'

type Settings = Extract<SignInProviderSettings, { kind: 'oidc' }>

/** A provider of OpenID Connect: authorization code with PKCE, state and nonce; `iss` is checked where it is told. */
export class OpenidProvider implements SignInProvider {
  readonly id: string
  readonly name: string
  readonly #settings: Settings
  #discovered: Promise<openid.Configuration> | undefined

  constructor(settings: Settings) {
    this.id = settings.id
    this.name = settings.name
    this.#settings = settings
  }

  async begin(
    redirectUri: string,
    { state, nonce, verifier }: ProviderChecks,
  ): Promise<Result<string, ElsewhereUnreachable>> {
    try {
      const url = openid.buildAuthorizationUrl(await this.#configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return ok(url.href)
    } catch {
      // Of this the network and the provider's own document are the only causes.
      return err({ kind: 'elsewhere-unreachable' })
    }
  }

  async finish(callback: URL, checks: ProviderChecks): Promise<Result<ProviderClaims, ReturnType<typeof troubleOf>>> {
    try {
      const configuration = await this.#configuration()
      const tokens = await openid.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: checks.verifier,
        expectedState: checks.state,
        expectedNonce: checks.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) return err({ kind: 'elsewhere-failed' })
      const told =
        claims['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
          ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : claims
      const email = typeof told['email'] === 'string' ? told['email'].toLowerCase() : undefined
      return ok({
        subject: claims.sub,
        email,
        emailVerified: told['email_verified'] === true,
        secondFactor: this.#provesSecondFactor(claims),
      })
    } catch (error) {
      return err(troubleOf(error))
    }
  }

  #provesSecondFactor({ amr, acr }: openid.IDToken): boolean {
    const { secondFactorAmr, secondFactorAcr } = this.#settings
    const methods: unknown[] = Array.isArray(amr) ? amr : []
    return (
      secondFactorAmr.some((method) => methods.includes(method)) ||
      (typeof acr === 'string' && secondFactorAcr.includes(acr))
    )
  }

  /** Discovered once; again after a failure. Not at the start, which must not depend on a provider. */
  async #configuration(): Promise<openid.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings
    this.#discovered ??= openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: PROVIDER_TIMEOUT_S,
      execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [],
    })
    try {
      return await this.#discovered
    } catch (error) {
      this.#discovered = undefined
      throw error
    }
  }
}
