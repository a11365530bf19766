import type { PageView, VersionView } from '@quarry/contracts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** The distinct contents of an order's pages, looked for further back page by page. */
export function versionsQuery(orderId: string) {
  const path = `/api/v1/orders/${encodeURIComponent(orderId)}/versions`
  return infiniteQueryOptions({
    queryKey: [...keys.runs(orderId), 'versions'],
    queryFn: ({ pageParam, signal }) =>
      request<PageView<VersionView>>(pageParam === undefined ? path : `${path}?after=${pageParam}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
}
