import type { ElsewhereStartView, Factors, LinkedSignInView, OwnAccountView } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** Where the browser comes back to after linking. */
const HERE = '/account#links'

export interface WaysIn {
  readonly hasPassword: boolean
  readonly links: readonly LinkedSignInView[]
}

/** All ways into the account that is signed in. */
export const waysInQuery = queryOptions({
  queryKey: keys.links,
  queryFn: async ({ signal }): Promise<WaysIn> => {
    const [{ hasPassword }, links] = await Promise.all([
      request<OwnAccountView>('/api/v1/auth/account', { signal }),
      request<readonly LinkedSignInView[]>('/api/v1/auth/links', { signal }),
    ])
    return { hasPassword, links }
  },
})

/** Where the browser has to go to link a provider. */
export function linkProvider(provider: string, factors: Factors): Promise<ElsewhereStartView> {
  const json = { ...factors, next: HERE }
  return request(`/api/v1/auth/elsewhere/${encodeURIComponent(provider)}/link`, { method: 'POST', json })
}

export function unlink(id: string, factors: Factors): Promise<void> {
  return request(`/api/v1/auth/links/${encodeURIComponent(id)}/unlink`, { method: 'POST', json: factors })
}

export function setFirstPassword(newPassword: string, code: string | undefined): Promise<void> {
  const json = { newPassword, ...(code !== undefined && { code }) }
  return request('/api/v1/auth/password/first', { method: 'POST', json })
}
