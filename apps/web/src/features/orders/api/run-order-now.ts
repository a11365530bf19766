import type { OrderView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Brings the next repetition forward to now. */
export function runOrderNow(orderId: string): Promise<OrderView> {
  return request<OrderView>(`/api/v1/orders/${encodeURIComponent(orderId)}/run-now`, { method: 'POST' })
}
