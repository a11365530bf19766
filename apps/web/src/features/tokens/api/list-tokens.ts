import type { ApiTokenView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** A list answer, whether the server pages it or not. */
type Listed = readonly ApiTokenView[] | { readonly items: readonly ApiTokenView[] }

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: async ({ signal }) => {
    const answer = await request<Listed>('/api/v1/auth/tokens', { signal })
    return 'items' in answer ? answer.items : answer
  },
})
