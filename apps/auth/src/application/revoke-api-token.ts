import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { ApiTokenStore } from '@quarry/storage-port'
import { apiTokenGrant, type EndAccess } from './ended-access.ts'

export interface NoSuchToken {
  readonly kind: 'no-such-token'
}

export class RevokeApiToken {
  readonly #store: ApiTokenStore
  readonly #endAccess: EndAccess

  constructor(store: ApiTokenStore, endAccess: EndAccess) {
    this.#store = store
    this.#endAccess = endAccess
  }

  /**
   * Ends one of the user's tokens: it is traded for nothing any more, and open sockets of what it was traded for end within
   * a second. A crash between the two leaves those their five minutes at most; repeating the call tells of it again.
   */
  async run(userId: UserId, tokenId: string): Promise<Result<void, NoSuchToken>> {
    const revoked = await this.#store.revokeApiToken(userId, tokenId)
    this.#endAccess.tell(userId, [apiTokenGrant(tokenId)])
    return revoked ? ok(undefined) : err({ kind: 'no-such-token' })
  }
}
