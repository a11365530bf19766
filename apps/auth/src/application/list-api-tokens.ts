import type { ApiTokenView, Scope } from '@quarry/contracts'
import type { UserId } from '@quarry/domain'
import type { ApiTokenStore, StoredApiToken } from '@quarry/storage-port'

export function apiTokenViewOf(token: StoredApiToken): ApiTokenView {
  return {
    id: token.tokenId,
    name: token.name,
    scopes: token.scopes as readonly Scope[],
    createdAt: token.createdAt,
    ...(token.lastUsedAt !== undefined && { lastUsedAt: token.lastUsedAt }),
  }
}

export class ListApiTokens {
  readonly #store: ApiTokenStore

  constructor(store: ApiTokenStore) {
    this.#store = store
  }

  /** The user's tokens that count, newest first. */
  async run(userId: UserId): Promise<readonly ApiTokenView[]> {
    return (await this.#store.apiTokensOf(userId)).map(apiTokenViewOf)
  }
}
