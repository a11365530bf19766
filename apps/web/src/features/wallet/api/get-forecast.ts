import type { ForecastView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const forecastQuery = queryOptions({
  queryKey: keys.forecast,
  queryFn: ({ signal }) => request<ForecastView>('/api/v1/coins/forecast', { signal }),
})
