import { CodedError, errorCodes, type ErrorBody, type ErrorCode, type FieldProblem } from '@quarry/contracts'
import { Unavailable, UnknownOutcome } from '@quarry/storage-port'
import type { z } from 'zod'

/** Any error as one of the coded table; what we did not foresee becomes `internal`, without its text. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  if (error instanceof Unavailable || error instanceof UnknownOutcome) {
    return new CodedError('unavailable', 'A part of the system does not answer right now; try again shortly.', {
      cause: error,
    })
  }
  return fromHttpFramework(error) ?? new CodedError('internal', 'Something went wrong on our side.', { cause: error })
}

const frameworkCodes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The request body is larger than 1 MiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed_json', 'The request body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'The request body is empty; send JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed_json', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['invalid_input', 'The address is not a valid URL.'],
}

const statusCodes: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['invalid_input', 'The request could not be read.'],
  404: ['not_found', 'There is nothing at this address.'],
  405: ['method_not_allowed', 'This method is not allowed here.'],
  413: ['body_too_large', 'The request is too large.'],
  414: ['invalid_input', 'The address is too long.'],
  415: ['unsupported_media_type', 'Send the body as application/json.'],
  431: ['invalid_input', 'The request headers are too large.'],
}

/** What Fastify and Nest refuse by themselves, always with a status from 400 to 499. */
function fromHttpFramework(error: unknown): CodedError | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { statusCode, status, cause = error } = error as { statusCode?: unknown; status?: unknown; cause?: unknown }
  const given = Number(statusCode ?? status)
  if (!(given >= 400 && given < 500)) return undefined
  // Nest puts its own error around Fastify's, which knows more.
  const code = (cause as { code?: unknown } | null)?.code
  const known =
    (typeof code === 'string' ? frameworkCodes[code] : undefined) ??
    (cause instanceof SyntaxError ? frameworkCodes.FST_ERR_CTP_INVALID_JSON_BODY : undefined) ??
    statusCodes[given] ??
    (['invalid_input', 'The request was not understood.'] as const)
  return new CodedError(known[0], known[1], { cause: error })
}

/** The body that a caller sees. */
export function toErrorBody(error: CodedError, requestId?: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.fields.length > 0 && { fields: error.fields }),
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      ...(requestId !== undefined && { requestId }),
    },
  }
}

export function statusOf(error: CodedError): number {
  return errorCodes[error.code].status
}

type Issue = Pick<z.core.$ZodIssue, 'message' | 'path'>

/** What a schema found wrong, field by field. */
export function invalidInput(issues: readonly Issue[], what = 'The request'): CodedError {
  const fields: FieldProblem[] = issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join('.') || '(body)',
    problem: issue.message,
  }))
  return new CodedError(
    'invalid_input',
    `${what} is not valid: ${fields.map((f) => `${f.field}: ${f.problem}`).join('; ')}`,
    {
      fields,
    },
  )
}
