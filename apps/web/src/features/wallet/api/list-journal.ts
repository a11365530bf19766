import type { JournalLine, PageView } from '@quarry/contracts'
import type { TransferKind } from '@quarry/domain'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

/** Movements of one kind, or all. */
export const journalQuery = (kind?: TransferKind) =>
  infiniteQueryOptions({
    queryKey: [...keys.journal, kind ?? 'all'],
    queryFn: ({ pageParam, signal }) => {
      const filter = kind === undefined ? '' : `&kind=${kind}`
      return request<PageView<JournalLine>>(`/api/v1/coins/journal${pageQuery(pageParam, 50)}${filter}`, { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })
