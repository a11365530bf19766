import type { Factors } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Replaces the password; throws `password_too_common` before any factor is looked at. */
export function changePassword(body: Factors & { newPassword: string; endOtherSessions: boolean }): Promise<void> {
  return request('/api/v1/auth/password', { method: 'POST', json: body })
}
