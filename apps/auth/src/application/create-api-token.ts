import type { apiTokenScopes, NewApiTokenView } from '@quarry/contracts'
import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, ApiTokenStore } from '@quarry/storage-port'
import { newApiToken } from './api-token-text.ts'
import type { TotpNeeded } from './decide-device-grant.ts'
import { apiTokenViewOf } from './list-api-tokens.ts'
import { randomId } from './random-text.ts'

export interface CreateApiTokenRequest {
  readonly userId: UserId
  readonly name: string
  readonly scopes: readonly (typeof apiTokenScopes)[number][]
}

export class CreateApiToken {
  readonly #store: AccountStore & ApiTokenStore
  readonly #clock: Clock

  constructor(store: AccountStore & ApiTokenStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Makes a token for a program. This is the only time that it is seen. */
  async run({ userId, name, scopes }: CreateApiTokenRequest): Promise<Result<NewApiTokenView, TotpNeeded>> {
    if (!(await this.#store.userById(userId))?.totp) return err({ kind: 'totp-needed' })
    const { token, hash } = newApiToken()
    const stored = { userId, tokenId: randomId(), name, scopes: [...new Set(scopes)], createdAt: this.#clock.now() }
    await this.#store.createApiToken(stored, hash)
    return ok({ ...apiTokenViewOf(stored), token })
  }
}
