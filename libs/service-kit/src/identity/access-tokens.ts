import {
  accessClaimsSchema,
  CodedError,
  GUEST_GRANT,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  type Scope,
} from '@quarry/contracts'
import type { Instant, UserId } from '@quarry/domain'
import { errors, jwtVerify } from 'jose'
import type { EndedAccess } from './ended-access.ts'
import { RemoteKeys } from './remote-keys.ts'

/** Who asks, by a verified access token. */
export interface Identity {
  readonly userId: UserId
  readonly scopes: ReadonlySet<Scope>
  readonly expiresAt: Instant
  readonly tokenId: string
  /** What the token was given for: `session:<id>`, `token:<id>` or `GUEST_GRANT`. */
  readonly grant?: string
}

/**
 * Verifies access tokens with auth's public keys. Keys are fetched when one is unknown, at most once in 30 s, and kept
 * for ever: with auth down, all that it signed until then still counts (promise 5).
 */
export class AccessTokens {
  readonly #keys: RemoteKeys
  readonly #ended: EndedAccess | undefined

  /** `uptimeMs` counts on, whatever the wall clock does. */
  constructor(
    authUrl: () => string,
    { uptimeMs = () => performance.now(), ended }: { uptimeMs?: () => number; ended?: EndedAccess } = {},
  ) {
    this.#ended = ended
    this.#keys = new RemoteKeys(() => new URL('/.well-known/jwks.json', authUrl()), uptimeMs)
  }

  /** Throws `CodedError`: `token_invalid`, `token_expired`, `scope_missing` (`guest_read_only` of a guest), or `unavailable` when the keys cannot be had. */
  async verify(token: string, needed?: Scope): Promise<Identity> {
    const claims = accessClaimsSchema.safeParse((await this.#verified(token)).payload)
    if (!claims.success) throw notValid()
    const { sub, scope, exp, jti, grant } = claims.data
    if (this.#ended?.has({ userId: sub, grant })) throw over()
    const granted = new Set(scope.split(' ') as Scope[])
    if (needed !== undefined && !granted.has(needed)) {
      throw grant === GUEST_GRANT ? notForGuests() : new CodedError('scope_missing', withoutScope(needed))
    }
    return {
      userId: sub,
      scopes: granted,
      expiresAt: exp * 1000,
      tokenId: jti,
      ...(grant !== undefined && { grant }),
    }
  }

  /** Calls back once when the access is over before its time: its session was signed out, or its API token revoked. */
  whenEnded(identity: Identity, listener: (reason: CodedError) => void): () => void {
    return this.#ended?.when(identity, () => listener(over())) ?? (() => undefined)
  }

  async #verified(token: string) {
    try {
      return await jwtVerify(token, (header, jws) => this.#keys.keyOf(header, jws), {
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        typ: 'at+jwt',
        algorithms: ['EdDSA', 'Ed25519'],
        requiredClaims: ['sub', 'exp', 'jti', 'scope'],
      })
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new CodedError('token_expired', 'The access token has expired.')
      if (error instanceof errors.JOSEError) throw notValid()
      throw new CodedError('unavailable', 'Tokens cannot be verified right now.', { cause: error })
    }
  }
}

function over(): CodedError {
  return new CodedError('token_invalid', 'The session was signed out, or the API token was revoked.')
}

/** What a guest is told who wants more than to look around. */
export function notForGuests(): CodedError {
  return new CodedError('guest_read_only', 'Guests look around and change nothing; create an account to go on.')
}

function notValid(): CodedError {
  return new CodedError('token_invalid', 'The access token is not valid.')
}

function withoutScope(needed: Scope): string {
  if (needed !== 'admin') return `This token does not have the scope ${needed}.`
  return 'This is for administrators who have signed in with a second factor. If you are one, set it up under Account.'
}

/** The token of an `Authorization: Bearer` header; throws `not_signed_in` when there is none. */
export function bearerToken(header: string | undefined): string {
  const match = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header ?? '')
  if (!match) throw new CodedError('not_signed_in', 'Sign in, or send an access token as "Authorization: Bearer …".')
  return match[1]!
}
