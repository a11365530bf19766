import { GUEST_GRANT, type Scope, type SessionView } from '@quarry/contracts'
import { err, ok, type Result } from '@quarry/domain'
import type { AccountStandings, AccountStore } from '@quarry/storage-port'
import type { AccessTokenSigner } from './access-token-signer.ts'

/** The operator shows no account, or shows one that is not there, shut, or an administrator's. */
export interface GuestsOff {
  readonly kind: 'guests-off'
}

const GUEST_SCOPES: readonly Scope[] = ['orders:read', 'results:read']

/** Lets anybody look around in the one account that the operator shows. A guest is a token: nothing is stored. */
export class LetGuestsIn {
  readonly #accounts: AccountStore
  readonly #standings: AccountStandings
  readonly #signer: AccessTokenSigner
  readonly #email: string | undefined

  constructor(parts: {
    accounts: AccountStore
    standings: AccountStandings
    signer: AccessTokenSigner
    /** Of the account that is shown; nobody is let in without. */
    email: string | undefined
  }) {
    this.#accounts = parts.accounts
    this.#standings = parts.standings
    this.#signer = parts.signer
    this.#email = parts.email
  }

  get areWelcome(): boolean {
    return this.#email !== undefined
  }

  async run(): Promise<Result<SessionView, GuestsOff>> {
    const user = this.#email === undefined ? undefined : await this.#accounts.userByEmail(this.#email)
    if (!user) return err({ kind: 'guests-off' })
    const { userId, createdAt } = user
    const { admin, state } = await this.#standings.standing(userId)
    if (admin || state !== 'open') return err({ kind: 'guests-off' })
    const token = await this.#signer.sign(userId, GUEST_SCOPES, GUEST_GRANT)
    const view = { userId, email: '', totpEnabled: false, createdAt, admin: false, guest: true } as const
    return ok({ ...token, user: view })
  }
}
