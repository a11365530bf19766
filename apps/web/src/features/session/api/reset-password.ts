import { request } from '../../../http/request.ts'

/** What sets a new password: the token of a mailed link, and a code when the account has a second factor. */
export interface PasswordReset {
  readonly token: string
  readonly newPassword: string
  readonly code?: string
}

export function resetPassword(reset: PasswordReset): Promise<void> {
  return request('/api/v1/auth/password/reset', { method: 'POST', json: reset, anonymous: true })
}
