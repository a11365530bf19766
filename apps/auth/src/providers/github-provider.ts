import { err, ok, type Result } from '@quarry/domain'
import * as openid from 'openid-client'
import { z } from 'zod'
import type { ProviderChecks, ProviderClaims, SignInProvider } from '../application/sign-in-provider.ts'
import type { SignInProviderSettings } from '../sign-in-providers.config.ts'
import { PROVIDER_TIMEOUT_S, troubleOf } from './trouble-of.ts'

type Settings = Extract<SignInProviderSettings, { kind: 'github' }>

const userSchema = z.object({ id: z.int().positive() })
const emailsSchema = z.array(z.object({ email: z.email(), primary: z.boolean(), verified: z.boolean() }))

/** GitHub speaks OAuth without OpenID: who it is and the verified address are asked for by its API. */
export class GithubProvider implements SignInProvider {
  readonly id: string
  readonly name: string
  readonly #apiUrl: string
  readonly #configuration: openid.Configuration

  constructor({ id, name, baseUrl, apiUrl, clientId, clientSecret }: Settings) {
    this.id = id
    this.name = name
    this.#apiUrl = apiUrl
    const endpoints = {
      issuer: baseUrl,
      authorization_endpoint: `${baseUrl}/login/oauth/authorize`,
      token_endpoint: `${baseUrl}/login/oauth/access_token`,
    }
    this.#configuration = new openid.Configuration(endpoints, clientId, clientSecret)
    this.#configuration.timeout = PROVIDER_TIMEOUT_S
    if (baseUrl.startsWith('http:')) openid.allowInsecureRequests(this.#configuration)
  }

  async begin(redirectUri: string, { state, verifier }: ProviderChecks): Promise<Result<string, never>> {
    const url = openid.buildAuthorizationUrl(this.#configuration, {
      redirect_uri: redirectUri,
      scope: 'read:user user:email',
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return ok(url.href)
  }

  async finish(
    callback: URL,
    { state, verifier }: ProviderChecks,
  ): Promise<Result<ProviderClaims, ReturnType<typeof troubleOf>>> {
    try {
      const tokens = await openid.authorizationCodeGrant(this.#configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
      })
      const user = userSchema.parse(await this.#ask('/user', tokens.access_token))
      const emails = emailsSchema.parse(await this.#ask('/user/emails', tokens.access_token))
      const primary = emails.find((each) => each.primary)
      return ok({
        subject: String(user.id),
        email: primary?.email.toLowerCase(),
        emailVerified: primary?.verified === true,
        secondFactor: false,
      })
    } catch (error) {
      return err(troubleOf(error))
    }
  }

  async #ask(path: string, token: string): Promise<unknown> {
    const response = await fetch(this.#apiUrl + path, {
      headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}`, 'user-agent': 'Quarry' },
      signal: AbortSignal.timeout(PROVIDER_TIMEOUT_S * 1000),
      redirect: 'error',
    })
    if (!response.ok) throw new TypeError(`GitHub answered ${response.status}`)
    return response.json()
  }
}
