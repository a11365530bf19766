import type { OrderView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

export function resumeOrder(orderId: string): Promise<OrderView> {
  return request<OrderView>(`/api/v1/orders/${encodeURIComponent(orderId)}/resume`, { method: 'POST' })
}
