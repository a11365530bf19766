import { request } from '../../../http/request.ts'

/** Creates an account; the answer is the same for an address that is known already. */
export function register(body: { email: string; password: string }): Promise<void> {
  return request<void>('/api/v1/auth/register', { method: 'POST', json: body, anonymous: true })
}
