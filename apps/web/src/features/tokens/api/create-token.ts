import type { createApiTokenSchema, NewApiTokenView } from '@quarry/contracts'
import type { z } from 'zod'
import { request } from '../../../http/request.ts'

export type CreateToken = z.input<typeof createApiTokenSchema>

/** Creates a token; the answer is the only time that it is shown. */
export function createToken(body: CreateToken): Promise<NewApiTokenView> {
  return request<NewApiTokenView>('/api/v1/auth/tokens', { method: 'POST', json: body })
}
