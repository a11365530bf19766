import { expect, test } from 'vitest'
import { CodedError, errorCodes, type ErrorCode } from './error-codes.ts'

const rows = Object.entries(errorCodes)

test.each(rows)(
  '%s has a status that says the same as whether trying again may help',
  (code, { status, retryable }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(status).toBeGreaterThanOrEqual(400)
    // 5xx and 429 pass; any other answer stays the same until the request changes.
    expect(retryable).toBe(status >= 500 || status === 429)
  },
)

test('codes are never taken away', () => {
  const everGiven: ErrorCode[] = [
    'invalid_input',
    'malformed_json',
    'unsupported_media_type',
    'body_too_large',
    'not_signed_in',
    'token_invalid',
    'token_expired',
    'sign_in_failed',
    'totp_required',
    'scope_missing',
    'totp_needed',
    'user_code_invalid',
    'elsewhere_failed',
    'elsewhere_unverified',
    'elsewhere_taken',
    'elsewhere_expired',
    'elsewhere_declined',
    'elsewhere_unreachable',
    'elsewhere_email_known',
    'password_missing',
    'sign_in_again',
    'last_way_in',
    'guest_disabled',
    'guest_read_only',
    'cross_site',
    'forbidden',
    'email_taken',
    'password_too_common',
    'address_forbidden',
    'not_enough_coins',
    'order_not_found',
    'run_not_found',
    'not_found',
    'method_not_allowed',
    'wrong_state',
    'idempotency_mismatch',
    'faucet_disabled',
    'faucet_limit',
    'too_many_requests',
    'protocol_unsupported',
    'unavailable',
    'internal',
  ]
  expect(Object.keys(errorCodes)).toEqual(expect.arrayContaining(everGiven))
})

test('an error knows its code’s row', () => {
  const error = new CodedError('unavailable', 'Later.', { retryAfterMs: 5, cause: new Error('why') })
  expect(error).toMatchObject({ retryable: true, retryAfterMs: 5, fields: [], cause: { message: 'why' } })
  expect(new CodedError('invalid_input', 'No.')).toMatchObject({ retryable: false, retryAfterMs: undefined })
})
