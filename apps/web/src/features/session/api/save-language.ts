import { request } from '../../../http/request.ts'
import { amendUser } from '../../../http/session.ts'

/** In which language the user is written to from now on. */
export async function saveLanguage(language: 'de' | 'en'): Promise<void> {
  await request('/api/v1/auth/language', { method: 'PUT', json: { language } })
  amendUser({ language })
}
