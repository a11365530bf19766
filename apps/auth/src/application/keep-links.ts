import type { LinkedSignInView } from '@quarry/contracts'
import { err, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, LastLink, LinkedSignInStore, NoSuchLink } from '@quarry/storage-port'
import type { EndAccess } from './ended-access.ts'
import { NO_PASSWORD } from './passwords.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { ShownFactors, StepUp } from './step-up.ts'

export class KeepLinks {
  readonly #accounts: AccountStore
  readonly #links: LinkedSignInStore
  readonly #stepUp: StepUp
  readonly #endAccess: EndAccess

  constructor(parts: { accounts: AccountStore; links: LinkedSignInStore; stepUp: StepUp; endAccess: EndAccess }) {
    this.#accounts = parts.accounts
    this.#links = parts.links
    this.#stepUp = parts.stepUp
    this.#endAccess = parts.endAccess
  }

  /** The user's links, oldest first. */
  async list(userId: UserId, nameOf: (provider: string) => string): Promise<readonly LinkedSignInView[]> {
    const links = await this.#links.linksOf(userId)
    return links.map(({ linkId, provider, email, linkedAt }) => ({
      id: linkId,
      provider: nameOf(provider),
      email,
      linkedAt,
    }))
  }

  /** Ends a link after all factors were shown anew; never the last one of an account that has no password. */
  async unlink(shown: ShownFactors, linkId: string): Promise<Result<void, NoSuchLink | LastLink | SignInRefusal>> {
    const { userId } = shown
    const user = await this.#accounts.userById(userId)
    if ((await this.#links.linkById(linkId))?.userId !== userId) return err({ kind: 'no-such-link' })
    // Without a password no factor can be shown, so there is only the link by which the account came to be.
    if (user?.passwordHash === NO_PASSWORD) return err({ kind: 'last-link' })
    const proven = await this.#stepUp.run(shown)
    if (!proven.ok) return proven
    const unlinked = await this.#links.unlink(userId, linkId, false)
    this.#endAccess.tell(userId, [])
    return unlinked
  }
}
