import type { BrowserSessionView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

export function listSessions(): Promise<readonly BrowserSessionView[]> {
  return request('/api/v1/auth/sessions')
}

export function endSession(id: string): Promise<void> {
  return request(`/api/v1/auth/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function endOtherSessions(): Promise<void> {
  return request('/api/v1/auth/sessions/end-others', { method: 'POST' })
}
