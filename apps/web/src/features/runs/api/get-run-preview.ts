import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { requestAnswer } from '../../../http/request.ts'
import { decodeText } from '../../../ui/decode-text.ts'

/** The text of a stored page. It never changes, so it is read once. */
export function runPreviewQuery(orderId: string, rep: number) {
  return queryOptions({
    queryKey: keys.runPreview(orderId, rep),
    queryFn: async ({ signal }) => {
      const path = `/api/v1/orders/${encodeURIComponent(orderId)}/runs/${rep}/preview`
      const answer = await requestAnswer(path, { signal })
      return decodeText(await answer.arrayBuffer(), answer.headers.get('content-type') ?? '')
    },
    staleTime: Infinity,
    gcTime: 60_000,
  })
}
