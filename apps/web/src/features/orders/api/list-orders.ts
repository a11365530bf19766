import type { OrderListQuery, OrderSummary, OrderView, PageView } from '@quarry/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** What is asked of the list; empty for all orders, newest first. */
export type OrderFilter = Partial<Pick<OrderListQuery, 'q' | 'state' | 'tag' | 'sort'>>

const PAGE_ORDERS = 50

export function ordersQuery(filter: OrderFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.orderList, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(PAGE_ORDERS) })
      for (const [field, value] of Object.entries(filter)) if (value !== undefined) query.set(field, value)
      if (pageParam !== undefined) query.set('after', pageParam)
      return request<PageView<OrderView>>(`/api/v1/orders?${query}`, { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  })
}

export const orderSummaryQuery = queryOptions({
  queryKey: keys.orderSummary,
  queryFn: ({ signal }) => request<OrderSummary>('/api/v1/orders/summary', { signal }),
})
