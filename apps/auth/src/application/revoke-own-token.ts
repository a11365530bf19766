import { err, type Result } from '@quarry/domain'
import type { ApiTokenStore } from '@quarry/storage-port'
import { hashOfApiToken } from './api-token-text.ts'
import type { TokenInvalid } from './exchange-api-token.ts'
import type { NoSuchToken, RevokeApiToken } from './revoke-api-token.ts'

export class RevokeOwnToken {
  readonly #store: ApiTokenStore
  readonly #revoke: RevokeApiToken

  constructor(store: ApiTokenStore, revoke: RevokeApiToken) {
    this.#store = store
    this.#revoke = revoke
  }

  /** Ends the API token by which it is called. */
  async run(text: string): Promise<Result<void, TokenInvalid | NoSuchToken>> {
    const hash = hashOfApiToken(text)
    const token = hash === undefined ? undefined : await this.#store.apiTokenByHash(hash)
    return token ? this.#revoke.run(token.userId, token.tokenId) : err({ kind: 'token-invalid' })
  }
}
