import type { CancelView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Ends the order for good and returns the coins of what will not be fetched. */
export function cancelOrder(orderId: string): Promise<CancelView> {
  return request<CancelView>(`/api/v1/orders/${encodeURIComponent(orderId)}/cancel`, { method: 'POST' })
}
