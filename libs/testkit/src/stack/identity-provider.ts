import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A person as the provider knows them. */
export interface KnownPerson {
  readonly email: string
  readonly verified: boolean
  /** How the provider says that they signed in, such as `mfa`. */
  readonly amr?: readonly string[]
}

const CLIENT = { client_id: 'quarry', client_secret: 'the secret of quarry at the test provider' }

/**
 * A real OpenID provider (`oidc-provider`) on this machine, with its own pages for signing in and consent. Whoever signs
 * in there with a name of `people` is that person, whatever the password.
 */
export class IdentityProvider {
  readonly issuer: string
  readonly clientId = CLIENT.client_id
  readonly clientSecret = CLIENT.client_secret
  readonly people = new Map<string, KnownPerson>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new IdentityProvider(server)
  }

  /** Serves, and sends people back to these addresses only. To be called once. */
  async serve(redirectUris: readonly string[]): Promise<void> {
    // Only here: it is large, and few tests need it.
    const { Provider } = await import('oidc-provider')
    const provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [...redirectUris] }],
      cookies: { keys: ['keys of a provider that lives for one test'] },
      claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      findAccount: (_, id) => {
        const person = this.people.get(id)
        if (!person) return undefined
        return {
          accountId: id,
          claims: () => ({
            sub: id,
            email: person.email,
            email_verified: person.verified,
          }),
        }
      },
    })
    // Its own pages know of no way of signing in but the password.
    const interactionResult = provider.interactionResult.bind(provider)
    provider.interactionResult = (request, response, result, options) => {
      const amr = this.people.get(result.login?.accountId ?? '')?.amr
      const login = result.login && { ...result.login, ...(amr && { amr: [...amr] }) }
      return interactionResult(request, response, { ...result, ...(login && { login }) }, options)
    }
    this.#server.on('request', (request, response) => void provider.callback()(request, response))
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
