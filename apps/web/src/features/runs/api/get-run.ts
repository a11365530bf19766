import type { RunResult } from '@quarry/domain'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** One run with its headers and hops. It never changes, so it is read once. */
export function runQuery(orderId: string, rep: number) {
  return queryOptions({
    queryKey: keys.run(orderId, rep),
    queryFn: ({ signal }) =>
      request<RunResult>(`/api/v1/orders/${encodeURIComponent(orderId)}/runs/${rep}`, { signal }),
    staleTime: Infinity,
  })
}
