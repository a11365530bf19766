import type { DeliveryView, NotificationsView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const notificationsQuery = queryOptions({
  queryKey: keys.notifications,
  queryFn: ({ signal }) => request<NotificationsView>('/api/v1/notifications', { signal }),
})

/** The log of one webhook. */
export const deliveriesQuery = (endpointId: string) =>
  queryOptions({
    queryKey: keys.deliveries(endpointId),
    queryFn: ({ signal }) => request<readonly DeliveryView[]>(`${endpointPath(endpointId)}/deliveries`, { signal }),
  })

export function endpointPath(endpointId: string): string {
  return `/api/v1/notifications/endpoints/${encodeURIComponent(endpointId)}`
}
