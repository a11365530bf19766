import type { AdminAccountView, PageView } from '@quarry/contracts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { pageQuery, request } from '../../../http/request.ts'

const PATH = '/api/v1/admin/accounts'
const ONCE = 25

/** Accounts whose address begins with `search`, by address. */
export const accountsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: keys.adminAccounts(search),
    queryFn: ({ pageParam, signal }) => {
      const query = `${pageQuery(pageParam, ONCE)}&${new URLSearchParams({ search })}`
      return request<PageView<AdminAccountView>>(`${PATH}${query}`, { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  })

export const accountQuery = (userId: string) =>
  queryOptions({
    queryKey: keys.adminAccount(userId),
    queryFn: ({ signal }) => request<AdminAccountView>(`${PATH}/${encodeURIComponent(userId)}`, { signal }),
  })

/** Shuts an account, which signs its user out everywhere, or opens it again. */
export function setAccountState(userId: string, act: 'disable' | 'enable', reason: string): Promise<AdminAccountView> {
  return request(`${PATH}/${encodeURIComponent(userId)}/${act}`, { method: 'POST', json: { reason } })
}

export interface CoinMove {
  readonly act: 'credit' | 'debit'
  readonly coins: number
  readonly reason: string
}

/** Moves coins once under `key`, whatever is sent twice. A debit takes no more than there is. */
export function moveCoins(userId: string, { act, ...body }: CoinMove, key: string): Promise<AdminAccountView> {
  const headers = { 'idempotency-key': key }
  return request(`${PATH}/${encodeURIComponent(userId)}/${act}`, { method: 'POST', json: body, headers })
}
