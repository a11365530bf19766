import type { loginSchema, SessionView } from '@quarry/contracts'
import type { z } from 'zod'
import { request } from '../../../http/request.ts'

/** Signs in; throws `totp_required` when the password was right and a code is missing. */
export function login(body: z.input<typeof loginSchema>): Promise<SessionView> {
  return request<SessionView>('/api/v1/auth/login', { method: 'POST', json: body, anonymous: true })
}
