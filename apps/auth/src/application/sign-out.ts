import type { EndAccess } from './ended-access.ts'
import { readRefreshToken } from './sessions.ts'

export class SignOut {
  readonly #endAccess: EndAccess

  constructor(endAccess: EndAccess) {
    this.#endAccess = endAccess
  }

  /** Ends the session of this refresh token, be it the newest or an older one. Without a session nothing happens. */
  async run(refreshToken: string | undefined): Promise<void> {
    const token = readRefreshToken(refreshToken)
    if (token) await this.#endAccess.session(token.userId, token.sessionId)
  }
}
