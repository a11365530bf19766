import { request } from '../../../http/request.ts'

/** Creates an account; the answer is the same for an address that is known already. Mails come in `language`. */
export function register(body: { email: string; password: string; language: 'de' | 'en' }): Promise<void> {
  return request<void>('/api/v1/auth/register', { method: 'POST', json: body, anonymous: true })
}
