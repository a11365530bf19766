import type { OrderView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export function orderQuery(orderId: string) {
  return queryOptions({
    queryKey: keys.order(orderId),
    queryFn: ({ signal }) => request<OrderView>(`/api/v1/orders/${encodeURIComponent(orderId)}`, { signal }),
  })
}
