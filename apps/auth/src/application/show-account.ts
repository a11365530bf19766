import type { OwnAccountView } from '@quarry/contracts'
import { err, ok, type Result, type UserId } from '@quarry/domain'
import type { AccountStandings, AccountStore } from '@quarry/storage-port'
import { NO_PASSWORD } from './passwords.ts'
import type { NotSignedIn } from './refresh-session.ts'
import { userViewOf } from './sessions.ts'

export class ShowAccount {
  readonly #accounts: AccountStore
  readonly #standings: AccountStandings

  constructor(accounts: AccountStore, standings: AccountStandings) {
    this.#accounts = accounts
    this.#standings = standings
  }

  /** What the user's settings page shows. */
  async run(userId: UserId): Promise<Result<OwnAccountView, NotSignedIn>> {
    const user = await this.#accounts.userById(userId)
    if (!user) return err({ kind: 'not-signed-in' })
    const view = userViewOf(user, await this.#standings.standing(userId))
    const recoveryCodesLeft = await this.#accounts.recoveryCodesLeft(userId)
    return ok({ user: view, recoveryCodesLeft, hasPassword: user.passwordHash !== NO_PASSWORD })
  }
}
