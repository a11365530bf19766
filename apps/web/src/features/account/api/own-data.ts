import type { DeletionPreview, ExportLinkView, Factors } from '@quarry/contracts'
import { queryOptions } from '@tanstack/react-query'
import { keys } from '../../../http/keys.ts'
import { request } from '../../../http/request.ts'

/** Asks for everything that is held, and lets the browser save it: by a link, because it may be too much for the memory. */
export async function exportOwnData(body: Factors & { bodies: boolean }): Promise<void> {
  const { path } = await request<ExportLinkView>('/api/v1/account/export', { method: 'POST', json: body })
  const link = document.createElement('a')
  link.href = path
  link.download = ''
  link.click()
}

/** What deleting the account would end now. Never from the cache: coins move. */
export const deletionQuery = queryOptions({
  queryKey: keys.deletion,
  queryFn: ({ signal }) => request<DeletionPreview>('/api/v1/account/deletion', { signal }),
  staleTime: 0,
  gcTime: 0,
})

/** Deletes the account for good; every session of it is over when this resolves. `confirmation`: its own address. */
export function deleteAccount(body: Factors & { confirmation: string }): Promise<void> {
  return request('/api/v1/account/deletion', { method: 'POST', json: body })
}
