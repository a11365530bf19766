import { CodedError, errorCodes, type ErrorBody, type ErrorCode } from '@quarry/contracts'

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  413: 'body_too_large',
  429: 'too_many_requests',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false
  const { error } = body
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
}

/**
 * What an answer that is not 2xx means. A body that is no `ErrorBody` (a proxy's page, an older or newer server) falls
 * back to the status, so that a caller always has a code of the table.
 */
export function errorOfAnswer(status: number, body: unknown): CodedError {
  if (isErrorBody(body) && Object.hasOwn(errorCodes, body.error.code)) {
    const { code, message, fields, retryAfterMs } = body.error
    return new CodedError(code, message, {
      ...(fields === undefined ? {} : { fields }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }
  return new CodedError(codeOfStatus[status] ?? 'internal', `HTTP ${status}`)
}

/** Any thrown value as a coded one: a request that brought no answer at all is `unavailable`, a bug is `internal`. */
export function asCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  if (error instanceof TypeError) return new CodedError('unavailable', error.message, { cause: error })
  return new CodedError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
