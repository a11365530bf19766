import type { PageView } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

export function runsQuery(orderId: string) {
  const path = `/api/v1/orders/${encodeURIComponent(orderId)}/runs`
  return infiniteQueryOptions({
    queryKey: keys.runs(orderId),
    queryFn: ({ pageParam, signal }) => request<PageView<RunResult>>(`${path}${pageQuery(pageParam, 50)}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
}
