/** One row per error a caller can meet: its HTTP status, and whether the same call may succeed later. */
interface ErrorRule {
  readonly status: number
  readonly retryable: boolean
}

export const errorCodes = {
  invalid_input: { status: 400, retryable: false },
  malformed_json: { status: 400, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  body_too_large: { status: 413, retryable: false },
  not_signed_in: { status: 401, retryable: false },
  token_invalid: { status: 401, retryable: false },
  token_expired: { status: 401, retryable: false },
  sign_in_failed: { status: 401, retryable: false },
  totp_required: { status: 401, retryable: false },
  totp_clock_off: { status: 401, retryable: false },
  totp_needed: { status: 403, retryable: false },
  mail_off: { status: 403, retryable: false },
  reset_link_invalid: { status: 400, retryable: false },
  scope_missing: { status: 403, retryable: false },
  user_code_invalid: { status: 404, retryable: false },
  elsewhere_failed: { status: 400, retryable: false },
  elsewhere_unverified: { status: 403, retryable: false },
  elsewhere_taken: { status: 409, retryable: false },
  elsewhere_expired: { status: 400, retryable: false },
  elsewhere_declined: { status: 403, retryable: false },
  elsewhere_unreachable: { status: 503, retryable: true },
  elsewhere_email_known: { status: 409, retryable: false },
  password_missing: { status: 403, retryable: false },
  sign_in_again: { status: 403, retryable: false },
  last_way_in: { status: 409, retryable: false },
  guest_disabled: { status: 403, retryable: false },
  guest_read_only: { status: 403, retryable: false },
  cross_site: { status: 403, retryable: false },
  forbidden: { status: 403, retryable: false },
  nickname_taken: { status: 409, retryable: false },
  email_taken: { status: 409, retryable: false },
  password_too_common: { status: 400, retryable: false },
  address_forbidden: { status: 400, retryable: false },
  host_denied: { status: 403, retryable: false },
  account_disabled: { status: 403, retryable: false },
  account_not_found: { status: 404, retryable: false },
  not_enough_coins: { status: 402, retryable: false },
  cost_above_limit: { status: 409, retryable: false },
  order_cap: { status: 402, retryable: false },
  month_cap: { status: 402, retryable: false },
  order_not_found: { status: 404, retryable: false },
  run_not_found: { status: 404, retryable: false },
  test_fetch_not_found: { status: 404, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  wrong_state: { status: 409, retryable: false },
  idempotency_mismatch: { status: 409, retryable: false },
  endpoint_not_found: { status: 404, retryable: false },
  too_many_endpoints: { status: 409, retryable: false },
  webhook_address_forbidden: { status: 400, retryable: false },
  delivery_not_found: { status: 404, retryable: false },
  unsubscribe_invalid: { status: 400, retryable: false },
  faucet_disabled: { status: 403, retryable: false },
  faucet_limit: { status: 429, retryable: true },
  test_fetch_limit: { status: 429, retryable: true },
  too_many_requests: { status: 429, retryable: true },
  protocol_unsupported: { status: 426, retryable: false },
  unavailable: { status: 503, retryable: true },
  internal: { status: 500, retryable: true },
} as const satisfies Record<string, ErrorRule>

/** Stable: a code never changes its meaning and is never taken away. */
export type ErrorCode = keyof typeof errorCodes

/** What was wrong with one field, and what is allowed instead. */
export interface FieldProblem {
  /** Path into the input, such as `schedule.intervalMs`. */
  readonly field: string
  readonly problem: string
  readonly allowed?: string
}

/** The body of every error answer, on HTTP and in socket acknowledgements. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode
    readonly message: string
    readonly fields?: readonly FieldProblem[]
    readonly retryAfterMs?: number
    readonly requestId?: string
  }
}

/** An error with a code; edges turn it into an `ErrorBody`, clients turn an `ErrorBody` into it. */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: ErrorCode
  readonly fields: readonly FieldProblem[]
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: { fields?: readonly FieldProblem[]; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.fields = more.fields ?? []
    this.retryAfterMs = more.retryAfterMs
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }
}
