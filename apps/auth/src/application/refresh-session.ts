import { err, ok, type Result } from '@quarry/domain'
import type { AccountStore, SessionStore } from '@quarry/storage-port'
import type { EndAccess } from './ended-access.ts'
import { readRefreshToken, type OpenSession, type Sessions } from './sessions.ts'

/** There is no such session, or no longer. */
export interface NotSignedIn {
  readonly kind: 'not-signed-in'
}

export class RefreshSession {
  readonly #accounts: AccountStore
  readonly #store: SessionStore
  readonly #sessions: Sessions
  readonly #endAccess: EndAccess

  constructor(parts: { accounts: AccountStore; store: SessionStore; sessions: Sessions; endAccess: EndAccess }) {
    this.#accounts = parts.accounts
    this.#store = parts.store
    this.#sessions = parts.sessions
    this.#endAccess = parts.endAccess
  }

  /**
   * Trades a session's newest refresh token for the next one and an access token. A token that was traded before has
   * been stolen, now or then: whoever shows it, the session is over for both. There is no grace for two requests at
   * once, because a thief's cannot be told apart: a browser asks once at a time.
   */
  async run(refreshToken: string | undefined): Promise<Result<OpenSession, NotSignedIn>> {
    const token = readRefreshToken(refreshToken)
    const session = token && (await this.#store.session(token.userId, token.sessionId))
    if (!session) return err({ kind: 'not-signed-in' })
    const user = await this.#accounts.userById(token.userId)
    const genuine = session.tokenHash === token.hash && !this.#sessions.isOver(session)
    const next = genuine && user ? await this.#sessions.rotate(user, session) : undefined
    if (next) return ok(next)
    await this.#endAccess.session(token.userId, token.sessionId)
    return err({ kind: 'not-signed-in' })
  }
}
