import type { PageView, RunFilter, RunSummary } from '@quarry/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** Repetitions that are read together. */
export const BLOCK_REPS = 100
const LATEST = 500

function read(orderId: string, query: Readonly<Record<string, string | number>>, signal: AbortSignal) {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return request<PageView<RunSummary>>(`/api/v1/orders/${encodeURIComponent(orderId)}/timeline?${search}`, { signal })
}

/** The newest runs, for the strip, the chart and the length of the list. */
export function latestRunsQuery(orderId: string) {
  return queryOptions({
    queryKey: [...keys.runs(orderId), 'latest'],
    queryFn: async ({ signal }) => (await read(orderId, { limit: LATEST }, signal)).items,
  })
}

/** The runs of one block of repetitions, by repetition. */
export function runBlockQuery(orderId: string, block: number) {
  return queryOptions({
    queryKey: [...keys.runs(orderId), 'block', block],
    queryFn: async ({ signal }) => {
      const page = await read(orderId, { after: (block + 1) * BLOCK_REPS, limit: BLOCK_REPS }, signal)
      return Object.fromEntries(page.items.flatMap((run) => (run.rep < block * BLOCK_REPS ? [] : [[run.rep, run]])))
    },
    gcTime: 30_000,
  })
}

/** Runs of one outcome, page after page. */
export function filteredRunsQuery(orderId: string, only: RunFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.runs(orderId), 'only', only],
    queryFn: ({ pageParam, signal }) =>
      read(orderId, { limit: BLOCK_REPS, only, ...(pageParam !== undefined && { after: pageParam }) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
}
