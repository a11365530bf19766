import { registerSchema } from '@quarry/contracts'
import { err, ok, type Clock, type Result, type UserId } from '@quarry/domain'
import type { AccountStore, LinkedSignIn, LinkedSignInStore, LinkTaken, User } from '@quarry/storage-port'
import { createHash } from 'node:crypto'
import type { EndAccess } from './ended-access.ts'
import { NO_PASSWORD } from './passwords.ts'
import { randomBase62, randomId } from './random-text.ts'
import { CannotUnseal, type Sealing } from './sealing.ts'
import type {
  ElsewhereDeclined,
  ElsewhereExpired,
  ElsewhereFailed,
  ElsewhereUnreachable,
  ProviderChecks,
  ProviderClaims,
  SignInProvider,
} from './sign-in-provider.ts'

/** How long a browser may stay away, and how long the second factor may be shown afterwards. */
export const ELSEWHERE_LIFE_MS = 10 * 60_000
/** After so long, whoever made a link to a user that never came to be is dead. */
const MAKING_MS = 60_000

/** The provider has not verified the address, so nobody may have an account by it. */
export interface EmailUnverified {
  readonly kind: 'email-unverified'
}

/** There is an account with the address that the provider vouches for; only its owner can link the two. */
export interface EmailKnown {
  readonly kind: 'email-known'
}

/** What a browser wants of a provider. */
export interface ElsewhereWish {
  readonly redirectUri: string
  /** The path of our site on which the browser ends. */
  readonly next: string
  readonly language?: 'de' | 'en' | undefined
  /** Whose account it is to be linked to, its factors shown a moment ago; undefined to sign in. */
  readonly linkTo?: UserId
}

interface Flow extends ProviderChecks, ElsewhereWish {
  readonly provider: string
  readonly expiresAt: number
}

/** Whom a provider vouched for while our second factor is missing. Sealed, in the browser's cookie. */
interface Pending {
  readonly provider: string
  readonly userId: UserId
  readonly expiresAt: number
}

/** How the browser came back. */
export type Returned =
  | { readonly kind: 'known'; readonly user: User; readonly next: string }
  | { readonly kind: 'linked'; readonly next: string }
  | { readonly kind: 'pending'; readonly sealed: string; readonly next: string }

export type ElsewhereRefusal =
  | ElsewhereFailed
  | ElsewhereExpired
  | ElsewhereDeclined
  | ElsewhereUnreachable
  | EmailUnverified
  | EmailKnown
  | LinkTaken

const FLOW = 'sign-in elsewhere: flow'
const PENDING = 'sign-in elsewhere: pending'

/** Sign-in by another provider. All that a browser has to keep meanwhile is sealed into cookies of its own. */
export class SignInElsewhere {
  readonly #accounts: AccountStore
  readonly #links: LinkedSignInStore
  readonly #providers: ReadonlyMap<string, SignInProvider>
  readonly #sealing: Sealing
  readonly #endAccess: EndAccess
  readonly #clock: Clock

  constructor(parts: {
    accounts: AccountStore
    links: LinkedSignInStore
    providers: readonly SignInProvider[]
    sealing: Sealing
    endAccess: EndAccess
    clock: Clock
  }) {
    this.#accounts = parts.accounts
    this.#links = parts.links
    this.#providers = new Map(parts.providers.map((provider) => [provider.id, provider]))
    this.#sealing = parts.sealing
    this.#endAccess = parts.endAccess
    this.#clock = parts.clock
  }

  get providers(): readonly SignInProvider[] {
    return [...this.#providers.values()]
  }

  nameOf(providerId: string): string {
    return this.#providers.get(providerId)?.name ?? providerId
  }

  /** Where the browser goes, and what it must bring back. Undefined for a provider that is none. */
  async begin(
    providerId: string,
    wish: ElsewhereWish,
  ): Promise<Result<{ readonly url: string; readonly sealed: string }, ElsewhereUnreachable> | undefined> {
    const provider = this.#providers.get(providerId)
    if (!provider) return undefined
    const checks = { state: randomBase62(43), nonce: randomBase62(43), verifier: randomBase62(43) }
    const begun = await provider.begin(wish.redirectUri, checks)
    if (!begun.ok) return begun
    const flow: Flow = { ...checks, ...wish, provider: providerId, expiresAt: this.#clock.now() + ELSEWHERE_LIFE_MS }
    return ok({ url: begun.value, sealed: this.#seal(FLOW, flow) })
  }

  /** Where the flow of this browser ends, whether it goes well or not; undefined when it has none. */
  flowOf(sealed: string | undefined): Pick<Flow, 'next' | 'linkTo'> | undefined {
    return this.#unseal(FLOW, sealed) as Flow | undefined
  }

  /**
   * Takes the browser's return. A link that is known signs in; an unknown person with a verified address gets an account
   * of their own. An address alone, verified or not, never opens an account that is there already.
   */
  async finish(
    providerId: string,
    query: string,
    sealed: string | undefined,
  ): Promise<Result<Returned, ElsewhereRefusal>> {
    const flow = this.#unseal(FLOW, sealed) as Flow | undefined
    const provider = this.#providers.get(providerId)
    if (!flow) return err({ kind: 'elsewhere-expired' })
    // A flow of another provider must not be finished here: that is how two providers are mixed up.
    if (flow.provider !== providerId || !provider) return err({ kind: 'elsewhere-failed' })
    const vouched = await provider.finish(new URL(query, flow.redirectUri), flow)
    if (!vouched.ok) return vouched
    const claims = vouched.value
    const { next, linkTo } = flow
    if (linkTo !== undefined) {
      const linked = await this.#linkTo(linkTo, this.#linkOf(providerId, claims, linkTo))
      return linked.ok ? ok({ kind: 'linked', next }) : linked
    }
    const found = await this.#userOf(providerId, claims, flow)
    if (!found.ok) return found
    const user = found.value
    if (!user.totp || claims.secondFactor) return ok({ kind: 'known', user, next })
    const expiresAt = this.#clock.now() + ELSEWHERE_LIFE_MS
    const pending: Pending = { provider: providerId, userId: user.userId, expiresAt }
    return ok({ kind: 'pending', sealed: this.#seal(PENDING, pending), next })
  }

  /** Whom a provider vouched for in this browser; undefined when nobody, or no longer. */
  pending(sealed: string | undefined): Pending | undefined {
    return this.#unseal(PENDING, sealed) as Pending | undefined
  }

  /** A user who was deleted meanwhile leaves no link behind. */
  async #linkTo(userId: UserId, link: LinkedSignIn): Promise<Result<void, ElsewhereExpired | LinkTaken>> {
    const linked = await this.#links.link(link)
    if (!linked.ok) return linked
    if (await this.#accounts.userById(userId)) {
      this.#endAccess.tell(userId, [])
      return linked
    }
    await this.#links.unlink(userId, link.linkId, false)
    return err({ kind: 'elsewhere-expired' })
  }

  async #userOf(providerId: string, claims: ProviderClaims, flow: Flow): Promise<Result<User, ElsewhereRefusal>> {
    const link = await this.#links.linkById(linkIdOf(providerId, claims.subject))
    const known = link && (await this.#accounts.userById(link.userId))
    if (known) return ok(known)
    const email = registerSchema.shape.email.safeParse(claims.email)
    if (!email.success || !claims.emailVerified) return err({ kind: 'email-unverified' })
    // Somebody else is making this very account right now.
    if (link && this.#clock.now() - link.linkedAt < MAKING_MS) return err({ kind: 'elsewhere-failed' })
    if (link) await this.#links.unlink(link.userId, link.linkId, false)
    if (await this.#accounts.userByEmail(email.data)) return err({ kind: 'email-known' })
    return this.#newUser(this.#linkOf(providerId, claims, randomId()), email.data, flow.language)
  }

  /**
   * The link first: if this breaks after it, the next sign-in begins anew, a minute later; an account without any way in
   * never stays.
   */
  async #newUser(
    link: LinkedSignIn,
    email: string,
    language: 'de' | 'en' | undefined,
  ): Promise<Result<User, ElsewhereRefusal>> {
    const { userId, linkId } = link
    if (!(await this.#links.link(link)).ok) return err({ kind: 'elsewhere-failed' })
    const user = {
      userId,
      email,
      passwordHash: NO_PASSWORD,
      createdAt: link.linkedAt,
      ...(language !== undefined && { language }),
    }
    if ((await this.#accounts.createUser(user)).ok) return ok(user)
    await this.#links.unlink(userId, linkId, false)
    return err({ kind: 'email-known' })
  }

  #linkOf(provider: string, claims: ProviderClaims, userId: UserId): LinkedSignIn {
    const { subject, email = '' } = claims
    return {
      linkId: linkIdOf(provider, subject),
      userId,
      provider,
      subject,
      email: email.slice(0, LONGEST_EMAIL),
      linkedAt: this.#clock.now(),
    }
  }

  #seal(place: string, value: Flow | Pending): string {
    return this.#sealing.seal(JSON.stringify(value), place)
  }

  /** What was sealed as this; undefined when it is none of ours, or too old. */
  #unseal(place: string, sealed: string | undefined): { readonly expiresAt: number } | undefined {
    if (sealed === undefined) return undefined
    try {
      const value = JSON.parse(this.#sealing.unseal(sealed, place)) as { readonly expiresAt: number }
      return this.#clock.now() < value.expiresAt ? value : undefined
    } catch (error) {
      if (error instanceof CannotUnseal) return undefined
      throw error
    }
  }
}

const LONGEST_EMAIL = 254

function linkIdOf(provider: string, subject: string): string {
  return createHash('sha256').update(`${provider}\0${subject}`).digest('hex').slice(0, 40)
}
