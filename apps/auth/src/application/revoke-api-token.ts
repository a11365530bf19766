import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { ApiTokenStore } from '@quarry/storage-port'

export interface NoSuchToken {
  readonly kind: 'no-such-token'
}

export class RevokeApiToken {
  readonly #store: ApiTokenStore

  constructor(store: ApiTokenStore) {
    this.#store = store
  }

  /** Ends one of the user's tokens: it is traded for nothing any more, and what it was traded for ends within 5 minutes. */
  async run(userId: UserId, tokenId: string): Promise<Result<void, NoSuchToken>> {
    return (await this.#store.revokeApiToken(userId, tokenId)) ? ok(undefined) : err({ kind: 'no-such-token' })
  }
}
