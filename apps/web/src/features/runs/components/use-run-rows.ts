import type { RunFilter, RunSummary } from '@quarry/contracts'
import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { BLOCK_REPS, filteredRunsQuery, runBlockQuery } from '../api/get-timeline.ts'
import type { RunRows } from './run-list.tsx'

/** More blocks than a window shows are never read at once, however fast somebody scrolls. */
const MOST_BLOCKS = 4

/** All runs of an order below the newest, read in blocks as they come into view. */
export function useAllRuns(orderId: string, newest: number): RunRows {
  const [view, setView] = useState({ first: 0, last: 0 })
  const blocks = useMemo(() => {
    const from = Math.floor(Math.max(0, newest - view.last) / BLOCK_REPS)
    const to = Math.floor(Math.max(0, newest - view.first) / BLOCK_REPS)
    return Array.from({ length: Math.min(MOST_BLOCKS, to - from + 1) }, (_, index) => from + index)
  }, [newest, view])
  const read = useQueries({ queries: newest < 0 ? [] : blocks.map((block) => runBlockQuery(orderId, block)) })
  const shows = useCallback((first: number, last: number) => {
    setView((before) => (before.first === first && before.last === last ? before : { first, last }))
  }, [])
  const at = (index: number): RunSummary | null | undefined => {
    const rep = newest - index
    const data = read[blocks.indexOf(Math.floor(rep / BLOCK_REPS))]?.data
    return data === undefined ? undefined : (data[rep] ?? null)
  }
  return { count: newest + 1, newest, at, shows, numberAt: (index) => newest - index + 1 }
}

/** Runs of one outcome, read on as the end comes into view. */
export function useFilteredRuns(orderId: string, only: RunFilter): RunRows & { readonly isPending: boolean } {
  const list = useInfiniteQuery(filteredRunsQuery(orderId, only))
  const runs = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const shows = useCallback(
    (_: number, last: number) => {
      if (last >= runs.length - 1 && hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    [runs.length, hasNextPage, isFetchingNextPage, fetchNextPage],
  )
  return {
    count: runs.length + (hasNextPage ? 1 : 0),
    newest: 0,
    at: (index) => runs[index],
    shows,
    numberAt: (index) => (runs[index] === undefined ? undefined : runs[index].rep + 1),
    isPending: list.isPending,
  }
}
