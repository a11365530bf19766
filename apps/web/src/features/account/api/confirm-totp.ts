import type { RecoveryCodesView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Turns the second factor on; the recovery codes are shown this once. */
export function confirmTotp(code: string): Promise<RecoveryCodesView> {
  return request<RecoveryCodesView>('/api/v1/auth/totp/confirm', { method: 'POST', json: { code } })
}
