import type { SessionView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

/** `code`: six digits of the authenticator, or a recovery code. */
export interface LoginBody {
  readonly email: string
  readonly password: string
  readonly code?: string
}

/** Signs in; throws `totp_required` when the password was right and a code is missing. */
export function login(body: LoginBody): Promise<SessionView> {
  return request<SessionView>('/api/v1/auth/login', { method: 'POST', json: body, anonymous: true })
}
