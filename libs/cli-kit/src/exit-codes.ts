import { CodedError, errorCodes, type ErrorBody, type ErrorCode } from '@quarry/contracts'

/** What a command's end says to the shell. Scripts may rely on these; any other code means failure. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  auth: 4,
  /** The same command may succeed later. */
  retryable: 5,
  /** It will not succeed until somebody changes something here. */
  fatal: 7,
  /** No room left: disk, quota or limit. */
  quota: 8,
  timeLimit: 10,
  /** Stopped at once by a second signal. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command with an exit code and one clear message for people; `code` is for scripts. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly exitCode: ExitCode
  readonly code: string

  constructor(exitCode: ExitCode, code: string, message: string) {
    super(message)
    this.exitCode = exitCode
    this.code = code
  }
}

const hints: Partial<Record<ErrorCode, string>> = {
  not_signed_in: 'Run the `login` command first, or set QUARRY_TOKEN.',
  token_invalid: 'The API token is unknown or was revoked. Create a new one on the site and run `login` again.',
  token_expired: "Check that this machine's clock is right, then run `login` again.",
  scope_missing: 'The API token lacks a permission. Create one that has it, and run `login` again.',
  protocol_unsupported:
    'This program and the server do not speak the same protocol version. Please update this program.',
}

/** The exit code that a server's refusal with this code ends a command with. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  const { status, retryable } = errorCodes[code]
  if (status === 401 || status === 403) return exitCodes.auth
  return retryable ? exitCodes.retryable : exitCodes.fatal
}

/** A server's refusal as the end of the command, with what the user can do about it. */
export function toExitError(error: CodedError): ExitError {
  const hint = hints[error.code]
  return new ExitError(exitCodeOf(error.code), error.code, hint ? `${error.message} ${hint}` : error.message)
}

/** Reads an `ErrorBody` that came from outside; undefined when it is none. A code this program does not know is `internal`. */
export function readErrorBody(input: unknown): CodedError | undefined {
  const error = (input as Partial<ErrorBody> | null | undefined)?.error as Partial<ErrorBody['error']> | undefined
  if (typeof error?.code !== 'string') return undefined
  const known = Object.hasOwn(errorCodes, error.code)
  const message = typeof error.message === 'string' ? error.message : error.code
  const more = typeof error.retryAfterMs === 'number' ? { retryAfterMs: error.retryAfterMs } : {}
  return new CodedError(known ? error.code : 'internal', message, more)
}

/** The words of any error, for a message to a person: no stack. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error && error.cause.message ? `: ${error.cause.message}` : ''
  return `${error.message || error.name}${cause}`
}
