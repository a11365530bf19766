import type { apiTokenScopes, NewApiTokenView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

export interface CreateToken {
  readonly name: string
  readonly scopes: (typeof apiTokenScopes)[number][]
}

/** Creates a token; the answer is the only time that it is shown. */
export function createToken(body: CreateToken): Promise<NewApiTokenView> {
  return request<NewApiTokenView>('/api/v1/auth/tokens', { method: 'POST', json: body })
}
