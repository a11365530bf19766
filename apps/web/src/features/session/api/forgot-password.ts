import { request } from '../../../http/request.ts'

/** Has a link to a new password mailed, if somebody has this address: nobody is told whether. */
export function forgotPassword(email: string, language: 'de' | 'en'): Promise<void> {
  return request('/api/v1/auth/password/forgot', { method: 'POST', json: { email, language }, anonymous: true })
}
