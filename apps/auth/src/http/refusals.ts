import { CodedError } from '@quarry/contracts'
import type { Result } from '@quarry/domain'
import type { MailOff } from '../application/ask-password-reset.ts'
import type { Busy } from '../application/bounded-work.ts'
import type { NothingProposed, WrongCode } from '../application/confirm-totp.ts'
import type { DecisionRefusal } from '../application/decide-device-grant.ts'
import type { ScopeNotAllowed } from '../application/ask-device-approval.ts'
import type { ElsewhereRefusal } from '../application/sign-in-elsewhere.ts'
import type { LastLink, NoSuchLink } from '@quarry/storage-port'
import type { TokenInvalid } from '../application/exchange-api-token.ts'
import type { NotSignedIn } from '../application/refresh-session.ts'
import type { PasswordTooCommon } from '../application/register-user.ts'
import type { NoSecondFactor } from '../application/renew-recovery-codes.ts'
import type { ElsewhereExpired } from '../application/sign-in-provider.ts'
import type { GuestsOff } from '../application/let-guests-in.ts'
import type { HasPassword, SignInAgain } from '../application/set-first-password.ts'
import type { ResetLinkInvalid } from '../application/reset-password.ts'
import type { NoSuchToken } from '../application/revoke-api-token.ts'
import type { SignInRefusal } from '../application/sign-in.ts'

type Refusal =
  | DecisionRefusal
  | ElsewhereRefusal
  | ElsewhereExpired
  | GuestsOff
  | HasPassword
  | SignInAgain
  | NoSuchLink
  | LastLink
  | ScopeNotAllowed
  | SignInRefusal
  | Busy
  | PasswordTooCommon
  | NotSignedIn
  | NothingProposed
  | WrongCode
  | NoSuchToken
  | TokenInvalid
  | NoSecondFactor
  | ResetLinkInvalid
  | MailOff

const BUSY_RETRY_MS = 2000

/** The value of a use case's answer; its refusal is thrown as the coded error that callers see. */
export function granted<T>(answer: Result<T, Refusal>): T {
  if (answer.ok) return answer.value
  throw codedErrorOf(answer.error)
}

function codedErrorOf(refusal: Refusal): CodedError {
  switch (refusal.kind) {
    case 'sign-in-failed':
      return new CodedError('sign_in_failed', 'The e-mail address, the password or the code is not right.')
    case 'account-disabled':
      return new CodedError('account_disabled', 'An operator has disabled this account.')
    case 'totp-required':
      return new CodedError('totp_required', 'Give a code of your authenticator app, or a recovery code.')
    case 'clock-off':
      return new CodedError('totp_clock_off', clockOffWords(refusal.offMs))
    case 'no-second-factor':
      return new CodedError('wrong_state', 'This account has no second factor, or has another one by now.')
    case 'reset-link-invalid':
      return new CodedError('reset_link_invalid', 'This link has expired, or was used before; ask for another one.')
    case 'mail-off':
      return new CodedError('mail_off', 'This server sends no mail; ask its operator.')
    case 'too-many-guesses':
      return new CodedError('too_many_requests', 'Too many tries; wait a little.', {
        retryAfterMs: refusal.retryAfterMs,
      })
    case 'busy':
      return new CodedError('too_many_requests', 'Too many people sign in right now; try again.', {
        retryAfterMs: BUSY_RETRY_MS,
      })
    case 'password-too-common':
      return new CodedError(
        'password_too_common',
        'This password is among the first that a thief would try; choose another.',
      )
    case 'not-signed-in':
      return new CodedError('not_signed_in', 'You are not signed in, or no longer.')
    case 'nothing-proposed':
      return new CodedError('wrong_state', 'No second factor waits to be confirmed; begin anew.')
    case 'wrong-code':
      return new CodedError('invalid_input', 'This is not the code that your authenticator app shows now.', {
        fields: [{ field: 'code', problem: 'is not the current code' }],
      })
    case 'elsewhere-failed':
      return new CodedError('elsewhere_failed', 'The sign-in at the other provider did not work; begin again.')
    case 'elsewhere-expired':
      return new CodedError('elsewhere_expired', 'That took too long, or began in another browser; begin again.')
    case 'elsewhere-declined':
      return new CodedError('elsewhere_declined', 'The sign-in was cancelled at the other provider.')
    case 'elsewhere-unreachable':
      return new CodedError('elsewhere_unreachable', 'The other provider does not answer right now.')
    case 'email-known':
      return new CodedError(
        'elsewhere_email_known',
        'There is an account with this address; sign in to it and link the provider there.',
      )
    case 'password-missing':
      return new CodedError('password_missing', 'This account has no password yet; set one first.')
    case 'has-password':
      return new CodedError('wrong_state', 'This account has a password; change it by showing it.')
    case 'sign-in-again':
      return new CodedError('sign_in_again', 'You signed in more than ten minutes ago; do so again first.')
    case 'guests-off':
      return new CodedError('guest_disabled', 'This server lets no guests look around.')
    case 'email-unverified':
      return new CodedError('elsewhere_unverified', 'The provider has not verified an e-mail address of yours.')
    case 'link-taken':
      return new CodedError('elsewhere_taken', 'That account of the provider is linked to another account here.')
    case 'no-such-link':
      return new CodedError('not_found', 'There is no such linked sign-in.')
    case 'last-link':
      return new CodedError('last_way_in', 'This is your last way to sign in; set a password first.')
    case 'totp-needed':
      return new CodedError('totp_needed', 'Turn on two-step sign-in first: without it no program may act for you.')
    case 'no-such-user-code':
      return new CodedError('user_code_invalid', 'Nobody waits under this code; it may be mistyped, used or expired.')
    case 'scope-not-allowed':
      return new CodedError('scope_missing', 'This program may not ask for that permission.')
    case 'no-such-token':
      return new CodedError('not_found', 'You have no such API token.')
    case 'token-invalid':
      return new CodedError('token_invalid', 'This API token is mistyped or was revoked.')
  }
}

function clockOffWords(offMs: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(offMs) / 60_000))
  const about = `The clock of the device that made this code is about ${minutes} min ${offMs < 0 ? 'slow' : 'fast'}; set it right.`
  // Codes up to the one that was shown are used up.
  return offMs < 0 ? about : `${about} Codes are taken again in ${minutes + 1} min; a recovery code is taken now.`
}
