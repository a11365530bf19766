import type { Factors, RecoveryCodesView, TotpEnrolmentView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Draws a secret; it counts only once `confirmTotp` has seen a code of it. Until then the one before stays in force. */
export function enrolTotp(factors: Factors): Promise<TotpEnrolmentView> {
  return request<TotpEnrolmentView>('/api/v1/auth/totp/enrol', { method: 'POST', json: factors })
}

/** Turns the second factor on; the recovery codes are shown this once. */
export function confirmTotp(body: { code: string; endOtherSessions: boolean }): Promise<RecoveryCodesView> {
  return request<RecoveryCodesView>('/api/v1/auth/totp/confirm', { method: 'POST', json: body })
}

/** Takes the second factor and its recovery codes away. */
export function removeTotp(body: Factors & { endOtherSessions: boolean }): Promise<void> {
  return request('/api/v1/auth/totp/remove', { method: 'POST', json: body })
}

/** New recovery codes, shown this once, instead of all older ones. */
export function renewRecoveryCodes(factors: Factors): Promise<RecoveryCodesView> {
  return request<RecoveryCodesView>('/api/v1/auth/recovery-codes', { method: 'POST', json: factors })
}
