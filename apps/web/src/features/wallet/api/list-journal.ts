import type { JournalLine, PageView } from '@quarry/contracts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

export const journalQuery = infiniteQueryOptions({
  queryKey: keys.journal,
  queryFn: ({ pageParam, signal }) =>
    request<PageView<JournalLine>>(`/api/v1/coins/journal${pageQuery(pageParam, 50)}`, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next,
})
