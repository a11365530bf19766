import type { FlowsView } from '@quarry/contracts'
import type { FlowPeriod } from '@quarry/domain'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'
import { isoDay, periodStarts } from '../periods.ts'

/** What came and went in the latest periods, up to today. */
export const flowsQuery = (per: FlowPeriod, now: number) => {
  const [from = isoDay(now)] = periodStarts(per, now)
  const to = isoDay(now)
  const query = new URLSearchParams({ per, from, to })
  return queryOptions({
    queryKey: keys.flows(per, to),
    queryFn: ({ signal }) => request<FlowsView>(`/api/v1/coins/flows?${query}`, { signal }),
  })
}
