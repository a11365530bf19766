import { request } from '../../../http/request.ts'
import { endSession } from '../../../http/session.ts'

/** Ends the session on the server, and in every tab even when the server cannot be reached. */
export async function logout(): Promise<void> {
  try {
    await request<void>('/api/v1/auth/logout', { method: 'POST' })
  } finally {
    endSession(true)
  }
}
