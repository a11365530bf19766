import type { ElsewhereStartView, EntranceView, SessionView } from '@quarry/contracts'
import { request } from '../../../http/request.ts'

const PATIENCE_MS = 3000

/** The ways in beside the password; none when the server does not tell in time, for nobody shall wait for a button. */
export async function readEntrance(): Promise<EntranceView> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    return await request<EntranceView>('/api/v1/auth/entrance', { anonymous: true, signal })
  } catch {
    return { providers: [], guests: false }
  }
}

/** Where the browser has to go to sign in by a provider; it comes back to `next`. */
export function startElsewhere(
  provider: string,
  wish: { readonly next?: string | undefined; readonly language: 'de' | 'en' },
): Promise<ElsewhereStartView> {
  const { next, language } = wish
  const json = { language, ...(next !== undefined && { next }) }
  return request(`/api/v1/auth/elsewhere/${encodeURIComponent(provider)}/start`, {
    method: 'POST',
    json,
    anonymous: true,
  })
}

/** The second factor of somebody whom a provider has just vouched for in this browser. */
export function finishElsewhere(code: string): Promise<SessionView> {
  return request('/api/v1/auth/elsewhere/finish', { method: 'POST', json: { code }, anonymous: true })
}

export function enterAsGuest(): Promise<SessionView> {
  return request('/api/v1/auth/guest', { method: 'POST', anonymous: true })
}
