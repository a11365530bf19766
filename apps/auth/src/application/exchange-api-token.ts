import { apiTokenScopes, type AccessTokenView } from '@quarry/contracts'
import { err, ok, type Clock, type Result } from '@quarry/domain'
import type { AccountStandings, ApiTokenStore } from '@quarry/storage-port'
import type { AccessTokenSigner } from './access-token-signer.ts'
import { hashOfApiToken } from './api-token-text.ts'
import { apiTokenGrant } from './ended-access.ts'

/** A use is noted at most this often. */
const NOTE_USE_MS = 60_000

/** Mistyped, never made, or revoked. */
export interface TokenInvalid {
  readonly kind: 'token-invalid'
}

export class ExchangeApiToken {
  readonly #store: ApiTokenStore
  readonly #standings: AccountStandings
  readonly #signer: AccessTokenSigner
  readonly #clock: Clock

  constructor(
    store: ApiTokenStore,
    standings: AccountStandings,
    { signer, clock }: { signer: AccessTokenSigner; clock: Clock },
  ) {
    this.#store = store
    this.#standings = standings
    this.#signer = signer
    this.#clock = clock
  }

  /** Trades an API token for an access token with its scopes; never with `account`, whatever is stored. */
  async run(text: string): Promise<Result<AccessTokenView, TokenInvalid>> {
    const hash = hashOfApiToken(text)
    const token = hash === undefined ? undefined : await this.#store.apiTokenByHash(hash)
    if (!token || (await this.#standings.standing(token.userId)).state !== 'open') return err({ kind: 'token-invalid' })
    const now = this.#clock.now()
    if (now - (token.lastUsedAt ?? 0) >= NOTE_USE_MS)
      await this.#store.noteApiTokenUse(token.userId, token.tokenId, now)
    const granted = apiTokenScopes.filter((scope) => token.scopes.includes(scope))
    const signed = await this.#signer.sign(token.userId, granted, apiTokenGrant(token.tokenId))
    return ok({ ...signed, userId: token.userId, scopes: granted })
  }
}
