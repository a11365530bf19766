import type { LedgerAuditView, SystemView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** How the marketplace is right now; read again whenever somebody looks. */
export const systemQuery = queryOptions({
  queryKey: keys.system,
  queryFn: ({ signal }) => request<SystemView>('/api/v1/admin/system', { signal }),
  staleTime: 0,
})

/** Checks every invariant of the ledger; that it was asked for stands in the audit log. */
export function auditLedger(): Promise<LedgerAuditView> {
  return request('/api/v1/admin/ledger-audit', { method: 'POST' })
}
