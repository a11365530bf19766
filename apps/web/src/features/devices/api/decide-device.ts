import type { DeviceRequestView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** What waits under the code; throws `user_code_invalid` or `totp_needed`. */
export function lookAtDevice(userCode: string): Promise<DeviceRequestView> {
  return request<DeviceRequestView>('/api/v1/auth/device/look', { method: 'POST', json: { userCode } })
}

/** Approves or refuses; sending the same twice is harmless. */
export function decideDevice(userCode: string, decision: 'approve' | 'refuse'): Promise<void> {
  return request<void>(`/api/v1/auth/device/${decision}`, { method: 'POST', json: { userCode } })
}
