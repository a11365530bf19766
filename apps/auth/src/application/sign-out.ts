import type { SessionStore } from '@quarry/storage-port'
import { readRefreshToken } from './sessions.ts'

export class SignOut {
  readonly #store: SessionStore

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** Ends the session of this refresh token, be it the newest or an older one. Without a session nothing happens. */
  async run(refreshToken: string | undefined): Promise<void> {
    const token = readRefreshToken(refreshToken)
    if (token) await this.#store.endSession(token.userId, token.sessionId)
  }
}
