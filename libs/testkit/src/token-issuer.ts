import { TOKEN_AUDIENCE, TOKEN_ISSUER, type Scope } from '@quarry/contracts'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands for auth where a test is about somebody else: signs access tokens, publishes its keys, counts who asks. */
export class TokenIssuer {
  /** How often its keys were asked for. */
  asked = 0
  /** What it answers for its keys; 200 unless a test says otherwise. */
  status = 200
  readonly #keys: { readonly kid: string; readonly privateKey: CryptoKey; readonly jwk: object }[] = []
  readonly #http: Server
  #tokens = 0

  private constructor() {
    this.#http = createServer((_, response) => {
      this.asked++
      response.writeHead(this.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ keys: this.#keys.map(({ jwk }) => jwk) }))
    })
  }

  static async start(): Promise<TokenIssuer> {
    const issuer = new TokenIssuer()
    await issuer.rotate()
    await new Promise<void>((resolve) => issuer.#http.listen(0, '127.0.0.1', resolve))
    return issuer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** Publishes one more key, which signs from now on. */
  async rotate(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    const kid = `key-${this.#keys.length}`
    this.#keys.push({ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' } })
  }

  /** An access token as auth signs it; claims and header as overridden. */
  async token(
    userId: string,
    scopes: readonly Scope[],
    more: { claims?: JWTPayload; header?: Record<string, unknown>; lifeMs?: number } = {},
  ): Promise<string> {
    const { kid, privateKey } = this.#keys.at(-1)!
    const now = Date.now()
    const seconds = (ms: number) => Math.ceil(ms / 1000)
    return new SignJWT({
      iss: TOKEN_ISSUER,
      aud: TOKEN_AUDIENCE,
      sub: userId,
      scope: scopes.join(' '),
      jti: `token-${this.#tokens++}`,
      iat: seconds(now) - 1,
      nbf: seconds(now) - 1,
      exp: seconds(now + (more.lifeMs ?? 300_000)),
      ...more.claims,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid, ...more.header })
      .sign(privateKey)
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }
}
