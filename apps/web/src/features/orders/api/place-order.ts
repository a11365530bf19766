import type { OrderView, PlaceOrderInput } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** Places an order; sent again with the same key it answers with the first one's order. */
export function placeOrder(body: PlaceOrderInput, idempotencyKey: string): Promise<OrderView> {
  return request<OrderView>('/api/v1/orders', {
    method: 'POST',
    json: body,
    headers: { 'idempotency-key': idempotencyKey },
  })
}
