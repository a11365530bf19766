import type { BalanceView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

export const balanceQuery = queryOptions({
  queryKey: keys.balance,
  queryFn: ({ signal }) => request<BalanceView>('/api/v1/coins/balance', { signal }),
})
