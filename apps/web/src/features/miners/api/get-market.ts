import type { MarketView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const marketQuery = queryOptions({
  queryKey: keys.market,
  queryFn: ({ signal }) => request<MarketView>('/api/v1/market', { signal }),
})
