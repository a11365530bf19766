import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { requestAnswer } from '../../../http/request.ts'

/** The text of a stored page. It never changes, so it is read once. */
export function runPreviewQuery(orderId: string, rep: number) {
  return queryOptions({
    queryKey: keys.runPreview(orderId, rep),
    queryFn: async ({ signal }) => {
      const path = `/api/v1/orders/${encodeURIComponent(orderId)}/runs/${rep}/preview`
      return (await requestAnswer(path, { signal })).text()
    },
    staleTime: Infinity,
    gcTime: 60_000,
  })
}
