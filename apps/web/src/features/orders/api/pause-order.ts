import type { OrderView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Stops further repetitions until `resumeOrder`. */
export function pauseOrder(orderId: string, reason: string): Promise<OrderView> {
  return request<OrderView>(`/api/v1/orders/${encodeURIComponent(orderId)}/pause`, {
    method: 'POST',
    json: reason === '' ? {} : { reason },
  })
}
