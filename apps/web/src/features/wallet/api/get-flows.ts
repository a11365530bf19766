import type { FlowsView } from '@quarry/contracts'
import type { FlowPeriod } from '@quarry/domain'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'
import { periodStarts } from '../periods.ts'

/** What came and went in the latest periods, up to today. */
export const flowsQuery = (per: FlowPeriod, now: number) => {
  const starts = periodStarts(per, now)
  const query = new URLSearchParams({ per, from: starts[0]!, to: new Date(now).toISOString().slice(0, 10) })
  return queryOptions({
    queryKey: keys.flows(per, starts.at(-1)!),
    queryFn: ({ signal }) => request<FlowsView>(`/api/v1/coins/flows?${query}`, { signal }),
  })
}
