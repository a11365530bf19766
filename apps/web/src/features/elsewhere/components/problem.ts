import { CodedError, errorCodes, type ErrorCode } from '@quarry/contracts'

/** The refusal whose code an address carries, after the browser came back from a provider; whatever else it says is none. */
export function problemOf(code: unknown): CodedError | undefined {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code)
    ? new CodedError(code as ErrorCode, code)
    : undefined
}
