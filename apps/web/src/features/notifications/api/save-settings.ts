import type { NotificationSettings, NotificationsView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

export function saveSettings(json: NotificationSettings): Promise<NotificationsView> {
  return request('/api/v1/notifications/settings', { method: 'POST', json })
}

/** Ends all mails of whoever the token was made for. */
export function unsubscribe(token: string): Promise<unknown> {
  const path = `/api/v1/notifications/unsubscribe?token=${encodeURIComponent(token)}`
  return request(path, { method: 'POST', anonymous: true })
}
