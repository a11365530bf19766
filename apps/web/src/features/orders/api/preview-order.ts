import type { OrderPreview, PlaceOrderInput } from '@quarry/contracts'
import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** What the order would cost and when it would run; asks nothing while the form makes no body. */
export function previewQuery(body: PlaceOrderInput | undefined) {
  return queryOptions({
    queryKey: keys.orderPreview(body),
    queryFn:
      body === undefined
        ? skipToken
        : ({ signal }) => request<OrderPreview>('/api/v1/orders/preview', { method: 'POST', json: body, signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}
