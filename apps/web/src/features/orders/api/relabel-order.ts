import type { ChangeOrderInput, OrderView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Changes what may change after placing: the name and the tags. */
export function relabelOrder(orderId: string, change: ChangeOrderInput): Promise<OrderView> {
  return request<OrderView>(`/api/v1/orders/${encodeURIComponent(orderId)}`, { method: 'PATCH', json: change })
}
