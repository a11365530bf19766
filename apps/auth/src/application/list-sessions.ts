import type { BrowserSessionView } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { SessionStore } from '@quarry/storage-port'
import type { Sessions } from './sessions.ts'

export class ListSessions {
  readonly #store: SessionStore
  readonly #sessions: Sessions

  constructor(store: SessionStore, sessions: Sessions) {
    this.#store = store
    this.#sessions = sessions
  }

  /** The user's sessions that are not over, the one that asks first, then the one used last. */
  async run(userId: UserId, current: string | undefined): Promise<readonly BrowserSessionView[]> {
    const open = (await this.#store.sessionsOf(userId)).filter((session) => !this.#sessions.isOver(session))
    return open
      .map(({ sessionId, createdAt, refreshedAt, device }) => ({
        id: sessionId,
        createdAt,
        lastUsedAt: refreshedAt,
        current: sessionId === current,
        ...(device !== undefined && { device }),
      }))
      .sort((a, b) => Number(b.current) - Number(a.current) || b.lastUsedAt - a.lastUsedAt)
  }
}
