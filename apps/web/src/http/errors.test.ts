import { CodedError } from '@quarry/contracts'
import { describe, expect, it } from 'vitest'
import { asCodedError, errorOfAnswer } from './errors.ts'

describe('errorOfAnswer', () => {
  it('keeps code, fields and the time to wait of an ErrorBody', () => {
    const fields = [{ field: 'url', problem: 'must be http or https' }]
    const error = errorOfAnswer(400, { error: { code: 'invalid_input', message: 'no', fields, retryAfterMs: 1500 } })
    expect(error).toMatchObject({ code: 'invalid_input', message: 'no', fields, retryAfterMs: 1500 })
  })

  it.each([
    [401, 'not_signed_in'],
    [404, 'not_found'],
    [429, 'too_many_requests'],
    [502, 'unavailable'],
    [500, 'internal'],
    [418, 'internal'],
  ] as const)('falls back to the status %i when there is no ErrorBody', (status, code) => {
    expect(errorOfAnswer(status, '<html>').code).toBe(code)
  })

  it('does not trust a code that is not in the table', () => {
    expect(errorOfAnswer(503, { error: { code: 'toString', message: '' } }).code).toBe('unavailable')
    expect(errorOfAnswer(400, { error: null }).code).toBe('internal')
  })
})

describe('asCodedError', () => {
  it('leaves a coded error alone, and calls a failed fetch unavailable', () => {
    const coded = new CodedError('wrong_state', 'x')
    expect(asCodedError(coded)).toBe(coded)
    expect(asCodedError(new TypeError('Failed to fetch')).code).toBe('unavailable')
    expect(asCodedError(new Error('boom')).code).toBe('internal')
    expect(asCodedError('text').code).toBe('internal')
  })
})
