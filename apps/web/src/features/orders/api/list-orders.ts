import type { OrderView, PageView } from '@quarry/contracts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

export const ordersQuery = infiniteQueryOptions({
  queryKey: keys.orderList,
  queryFn: ({ pageParam, signal }) =>
    request<PageView<OrderView>>(`/api/v1/orders${pageQuery(pageParam, 50)}`, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next,
})
