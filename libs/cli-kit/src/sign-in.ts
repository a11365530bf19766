import { CodedError, type Scope } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { AccessTokens, requireScope } from './access-tokens.ts'
import { deviceLogin } from './device-login.ts'
import { exitCodes, ExitError } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import type { Output } from './output.ts'
import { configDir, usage } from './settings.ts'
import { TokenStore } from './token-store.ts'

export interface SignInContext {
  readonly program: string
  readonly scope: Scope
  readonly server: string
  readonly io: CliIo
  readonly clock: Clock
}

/** The access tokens of the stored API token, or of `QUARRY_TOKEN`. Throws `ExitError` (auth) when there is none. */
export function signedIn(context: SignInContext): AccessTokens {
  const { io, program, server, clock } = context
  const token = io.env['QUARRY_TOKEN']?.trim() || new TokenStore(configDir(io.env), program).read(server)
  if (!token) {
    throw new ExitError(
      exitCodes.auth,
      'not_signed_in',
      `Not signed in to ${server}. Run \`${program} login --server ${server}\` first, or set QUARRY_TOKEN.`,
    )
  }
  return new AccessTokens(server, token, clock)
}

/**
 * The `login` command: by a code that a person approves in the site, or with an API token from standard input; proves the
 * token at the server and keeps it. Throws `CodedError` as the server refuses it, or `ExitError`.
 */
export async function logIn(
  context: SignInContext,
  output: Output,
  options: { tokenStdin: boolean; browser: boolean },
): Promise<void> {
  const { io, program, server, scope, clock } = context
  const token = options.tokenStdin ? await givenToken(io) : await deviceLogin(context, output, options)
  const view = await new AccessTokens(server, token, clock).get()
  requireScope(view, scope)
  const store = new TokenStore(configDir(io.env), program)
  store.save(server, token)
  output.event(
    'signed-in',
    { server, userId: view.userId, scopes: view.scopes },
    `Signed in to ${server} as ${view.userId}.`,
  )
  output.note(`The token is kept in ${store.path}; only you can read it.`)
}

async function givenToken(io: CliIo): Promise<string> {
  const token = (await io.readStdin()).trim()
  if (!token) throw usage('No token was given.')
  if (!/^[\x21-\x7e]{8,4096}$/.test(token))
    throw new CodedError('token_invalid', 'This does not look like an API token.')
  return token
}

/**
 * The `logout` command: forgets the server's token here, and ends it at the server if that can be reached. Without a
 * token nothing happens.
 */
export async function logOut(context: Omit<SignInContext, 'scope'>, output: Output): Promise<void> {
  const { io, program, server } = context
  const store = new TokenStore(configDir(io.env), program)
  const token = store.read(server)
  if (token === undefined) return output.event('signed-out', { server, revoked: false }, `Not signed in to ${server}.`)
  const revoked = await revoke(server, token)
  store.remove(server)
  output.event('signed-out', { server, revoked }, `Signed out of ${server}.`)
  if (!revoked) output.note('The server could not be told: revoke the token in the site (Account, API tokens).')
}

const REVOKE_TIMEOUT_MS = 10_000

async function revoke(server: string, token: string): Promise<boolean> {
  try {
    const response = await fetch(`${server}/api/v1/auth/token`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(REVOKE_TIMEOUT_MS),
      redirect: 'error',
    })
    // 401: it was revoked before.
    return response.ok || response.status === 401
  } catch {
    return false
  }
}
