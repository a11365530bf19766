import type { SpendLimitsView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

const PATH = '/api/v1/orders/limits'

export const spendLimitsQuery = queryOptions({
  queryKey: keys.spendLimits,
  queryFn: ({ signal }) => request<SpendLimitsView>(PATH, { signal }),
})

/** Sets both limits; what is left out has none. */
export function saveSpendLimits(limits: { orderCoins?: number; monthCoins?: number }): Promise<SpendLimitsView> {
  return request<SpendLimitsView>(PATH, { method: 'PUT', json: limits })
}
