import type { TotpEnrolmentView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Draws a secret; it counts only once `confirmTotp` has seen a code of it. */
export function enrolTotp(password: string): Promise<TotpEnrolmentView> {
  return request<TotpEnrolmentView>('/api/v1/auth/totp/enrol', { method: 'POST', json: { password } })
}
