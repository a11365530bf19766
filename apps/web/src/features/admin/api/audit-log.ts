import type { AuditEntryView, PageView } from '@quarry/contracts'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

/** What administrators did, newest first. */
export const auditQuery = infiniteQueryOptions({
  queryKey: keys.audit,
  queryFn: ({ pageParam, signal }) =>
    request<PageView<AuditEntryView>>(`/api/v1/admin/audit${pageQuery(pageParam, 50)}`, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next,
  // Every act writes a line, another administrator's as well.
  staleTime: 0,
})
