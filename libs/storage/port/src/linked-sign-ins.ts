import type { Instant, Result, UserId } from '@quarry/domain'

/** A person known to another provider who may sign in as this user. */
export interface LinkedSignIn {
  /** Stands for provider and subject together. */
  readonly linkId: string
  readonly userId: UserId
  readonly provider: string
  /** Who the provider says it is; never changes and is never given to another person. */
  readonly subject: string
  /** The address that the provider told when it was linked, for the user to tell links apart. */
  readonly email: string
  readonly linkedAt: Instant
}

/** Somebody else is linked to this person of the provider. */
export interface LinkTaken {
  readonly kind: 'link-taken'
}

export interface NoSuchLink {
  readonly kind: 'no-such-link'
}

/** It is the only link, and there must be one. */
export interface LastLink {
  readonly kind: 'last-link'
}

/** Links, linearizable each; how many a user has, too. Throws as `AccountStore` does; every call may be repeated. */
export interface LinkedSignInStore {
  /** Links, unless another user is. Of many users one wins; linking the same again changes nothing and succeeds. */
  link(link: LinkedSignIn): Promise<Result<void, LinkTaken>>
  linkById(linkId: string): Promise<LinkedSignIn | undefined>
  /** The user's links, oldest first. */
  linksOf(userId: UserId): Promise<readonly LinkedSignIn[]>
  /** Ends a link. With `keepOne` never the last: of many calls at once one link is left. */
  unlink(userId: UserId, linkId: string, keepOne: boolean): Promise<Result<void, NoSuchLink | LastLink>>
}
