import type { UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import type { SessionStore } from '@quarry/storage-port'

/** The grant of an access token that a session was given. */
export const sessionGrant = (sessionId: string) => `session:${sessionId}`
/** The grant of an access token that an API token was traded for. */
export const apiTokenGrant = (tokenId: string) => `token:${tokenId}`

/** The session whose access token has this grant; undefined when it is no session's. */
export function sessionOfGrant(grant: string | undefined): string | undefined {
  return grant?.startsWith('session:') === true ? grant.slice('session:'.length) : undefined
}

/**
 * Ends what gives access, and tells every process, so that open sockets end within a moment and access tokens that are
 * already out are refused. A notice that is lost costs the rest of such a token's five minutes, no more.
 */
export class EndAccess {
  readonly #store: SessionStore
  readonly #live: LiveEvents

  constructor(store: SessionStore, live: LiveEvents) {
    this.#store = store
    this.#live = live
  }

  /** Says that these grants are over; the store has been told before. */
  tell(userId: UserId, grants: readonly string[]): void {
    if (grants.length > 0) this.#live.publish('access', { kind: 'access-ended', userId, grants })
    this.#live.publish(`user:${userId}`, { kind: 'account-changed' })
  }

  /** Ends one session; without it nothing happens. */
  async session(userId: UserId, sessionId: string): Promise<void> {
    await this.#store.endSession(userId, sessionId)
    this.tell(userId, [sessionGrant(sessionId)])
  }

  /** Ends all of the user's sessions but `except`. */
  async sessionsOf(userId: UserId, except?: string): Promise<void> {
    const ending = (await this.#store.sessionsOf(userId)).filter(({ sessionId }) => sessionId !== except)
    await this.#store.endSessionsOf(userId, except)
    this.tell(
      userId,
      ending.map(({ sessionId }) => sessionGrant(sessionId)),
    )
  }
}
