import type { TestFetchView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request, requestAnswer } from '../../../http/request.ts'
import { decodeText } from '../../../ui/decode-text.ts'

/** Where a test fetch stands; read again when an event says so. */
export function testFetchQuery(testId: string) {
  return queryOptions({
    queryKey: keys.testFetch(testId),
    queryFn: ({ signal }) => request<TestFetchView>(`/api/v1/test-fetches/${testId}`, { signal }),
  })
}

/** The text of the fetched page. */
export function testPageQuery(testId: string) {
  return queryOptions({
    queryKey: ['run-preview', testId],
    queryFn: async ({ signal }) => {
      const answer = await requestAnswer(`/api/v1/test-fetches/${testId}/preview`, { signal })
      return decodeText(await answer.arrayBuffer(), answer.headers.get('content-type') ?? '')
    },
    staleTime: Infinity,
    gcTime: 60_000,
  })
}
