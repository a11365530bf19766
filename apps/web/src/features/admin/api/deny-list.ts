import type { DenyRuleView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

const PATH = '/api/v1/admin/deny-list'

export const denyListQuery = queryOptions({
  queryKey: keys.denyList,
  queryFn: ({ signal }) => request<readonly DenyRuleView[]>(PATH, { signal }),
})

/** Denies a host with all below it; answers the list as it is then. */
export function denyHost(rule: { pattern: string; reason: string }): Promise<readonly DenyRuleView[]> {
  return request(PATH, { method: 'POST', json: rule })
}

/** Takes a rule away; answers the list as it is then. */
export function allowHost({ pattern, reason }: { pattern: string; reason: string }): Promise<readonly DenyRuleView[]> {
  return request(`${PATH}/${encodeURIComponent(pattern)}`, { method: 'DELETE', json: { reason } })
}
