import { request } from '../../../http/request.ts'

/** Ends a token; repeating it changes nothing. */
export function revokeToken(tokenId: string): Promise<void> {
  return request<void>(`/api/v1/auth/tokens/${encodeURIComponent(tokenId)}`, { method: 'DELETE' })
}
