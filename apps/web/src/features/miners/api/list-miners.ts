import type { MinersView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const minersQuery = queryOptions({
  queryKey: keys.miners,
  queryFn: ({ signal }) => request<MinersView>('/api/v1/miners', { signal }),
})
