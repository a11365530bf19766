import type { FailureOutcome, FailureReason } from '@quarry/domain'
import { failureRules } from '@quarry/domain'
import { ForbiddenAddressError } from './guard/guarded-connector.ts'

/** Longest `detail` that a contract takes. */
const MAX_DETAIL = 500

/** A failed fetch on its way up; `failure` is what the customer gets. */
export class FetchFailure extends Error {
  readonly failure: FailureOutcome

  constructor(failure: FailureOutcome) {
    super(failure.detail)
    this.failure = failure
  }
}

/** A failure outcome; whose fault it is follows from the reason. */
export function failureOf(
  reason: FailureReason,
  detail: string,
  more: { status?: number; retryAfterMs?: number } = {},
): FailureOutcome {
  return { kind: 'failure', reason, fault: failureRules[reason].fault, detail: detail.slice(0, MAX_DETAIL), ...more }
}

const NAME_ERRORS = new Set(['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ESERVFAIL'])
const DETAIL_OF_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The site refused the connection.',
  ECONNRESET: 'The site closed the connection without an answer.',
  UND_ERR_SOCKET: 'The site closed the connection without an answer.',
  EHOSTUNREACH: 'The site cannot be reached.',
  ENETUNREACH: 'The site cannot be reached.',
}

/** What an error of the connection or of the HTTP parser means, in words without internals. */
export function failureOfError(error: unknown, responseBegun: boolean): FailureOutcome {
  if (error instanceof FetchFailure) return error.failure
  if (error instanceof ForbiddenAddressError) return failureOf('address_forbidden', error.message)
  const { code, name } = firstCause(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return failureOf('timed_out', 'The site did not accept a connection in time.')
  }
  if (NAME_ERRORS.has(code)) return failureOf('dns_failed', 'The name of the site could not be resolved.')
  if (isTlsCode(code)) return failureOf('tls_failed', `No secure connection could be made (${code}).`)
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return failureOf('too_large', 'The headers of the answer are too large.')
  }
  if (name === 'HTTPParserError' && !code.startsWith('HPE_INVALID_EOF_STATE')) {
    return failureOf(responseBegun ? 'cut_off' : 'connection_failed', 'The answer of the site was not valid HTTP.')
  }
  if (responseBegun) return failureOf('cut_off', 'The connection ended before the page was complete.')
  return failureOf('connection_failed', DETAIL_OF_CODE[code] ?? 'The connection to the site failed.')
}

/** An error whose connection may have been closed by the site while it lay idle: asking once more is right. */
export function isStaleConnection(error: unknown): boolean {
  const { code, bytesRead } = firstCause(error)
  return (code === 'UND_ERR_SOCKET' && bytesRead > 0) || code === 'ECONNRESET' || code === 'EPIPE'
}

interface Cause {
  readonly code: string
  readonly name: string
  readonly bytesRead: number
}

function firstCause(error: unknown): Cause {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code, name, socket } = (first ?? {}) as { code?: unknown; name?: unknown; socket?: { bytesRead?: number } }
  return {
    code: typeof code === 'string' ? code : '',
    name: typeof name === 'string' ? name : '',
    bytesRead: socket?.bytesRead ?? 0,
  }
}

function isTlsCode(code: string): boolean {
  return (
    /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|CRL_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code) ||
    code === 'EPROTO' ||
    code === 'HOSTNAME_MISMATCH' ||
    code === 'INVALID_CA'
  )
}
