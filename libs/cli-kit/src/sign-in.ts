import { CodedError, type Scope } from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import { AccessTokens, requireScope } from './access-tokens.ts'
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
 * The `login` command: takes an API token from standard input, proves it at the server and keeps it. Throws `CodedError`
 * as the server refuses it, or `ExitError` for a wrong call.
 */
export async function logIn(context: SignInContext, output: Output, options: { tokenStdin: boolean }): Promise<void> {
  const { io, program, server, scope, clock } = context
  if (!options.tokenStdin && io.stdinIsTty) {
    output.note(`Create an API token with the permission "${scope}" on ${server} (Account, API tokens),`)
    output.note('paste it here, then press Enter and Ctrl-D:')
  } else if (!options.tokenStdin) {
    throw usage(
      `Standard input is no terminal: use \`${program} login --token-stdin < token.txt\`, or set QUARRY_TOKEN.`,
    )
  }
  const token = (await io.readStdin()).trim()
  if (!token) throw usage('No token was given.')
  if (!/^[\x21-\x7e]{8,4096}$/.test(token))
    throw new CodedError('token_invalid', 'This does not look like an API token.')
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
