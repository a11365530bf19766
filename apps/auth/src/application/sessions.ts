import { scopes, type Scope, type SessionView, type UserView } from '@quarry/contracts'
import { err, ok, type Clock, type Instant, type Result, type UserId } from '@quarry/domain'
import type { AccountStanding, AccountStandings, Session, SessionStore, User } from '@quarry/storage-port'
import { createHash } from 'node:crypto'
import type { AccessTokenSigner } from './access-token-signer.ts'
import { sessionGrant } from './ended-access.ts'
import { randomBase62, randomId } from './random-text.ts'

/** 43 characters of base62 are 256 bits. */
const SECRET_LENGTH = 43
const REFRESH_TOKEN = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9]{22})\.([A-Za-z0-9]{43})$/

/** A refresh token taken apart: whose session it claims to be of, and the hash that proves it. */
export interface RefreshToken {
  readonly userId: UserId
  readonly sessionId: string
  readonly hash: string
}

/** A browser's session as it goes to the edge: the answer, and what its cookie holds. */
export interface OpenSession {
  readonly view: SessionView
  readonly refreshToken: string
  /** When the refresh token is over, if it is not used before. */
  readonly refreshUntil: Instant
}

export function readRefreshToken(token: string | undefined): RefreshToken | undefined {
  if (token === undefined) return undefined
  const match = REFRESH_TOKEN.exec(token)
  return match ? { userId: match[1]!, sessionId: match[2]!, hash: sha256(token) } : undefined
}

/** Nobody signs in to the account: an operator disabled it, or its owner deletes it. */
export interface AccountShut {
  readonly kind: 'account-shut'
  readonly state: 'disabled' | 'deleting'
}

export function userViewOf(user: User, { admin }: AccountStanding): UserView {
  const { userId, email, totp, createdAt, language } = user
  return {
    userId,
    email,
    totpEnabled: totp !== undefined,
    createdAt,
    admin,
    ...((language === 'de' || language === 'en') && { language }),
  }
}

/** An administrator without a second factor is nobody in particular. */
function scopesOf(user: User, { admin }: AccountStanding): readonly Scope[] {
  return admin && user.totp !== undefined ? scopes : scopes.filter((scope) => scope !== 'admin')
}

/** Longer names of browsers are cut. */
const LONGEST_DEVICE = 300

/** Opens sessions and makes their tokens; the lives are in milliseconds. */
export class Sessions {
  readonly #store: SessionStore
  readonly #standings: AccountStandings
  readonly #signer: AccessTokenSigner
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #maxMs: number

  constructor(parts: {
    store: SessionStore
    standings: AccountStandings
    signer: AccessTokenSigner
    clock: Clock
    idleMs: number
    maxMs: number
  }) {
    this.#store = parts.store
    this.#standings = parts.standings
    this.#signer = parts.signer
    this.#clock = parts.clock
    this.#idleMs = parts.idleMs
    this.#maxMs = parts.maxMs
  }

  /** A new session of a user who has just shown every factor. */
  async open(user: User, device?: string): Promise<Result<OpenSession, AccountShut>> {
    const now = this.#clock.now()
    const sessionId = randomId()
    const refreshToken = newRefreshToken(user.userId, sessionId)
    const session: Session = {
      userId: user.userId,
      sessionId,
      tokenHash: sha256(refreshToken),
      createdAt: now,
      refreshedAt: now,
      expiresAt: now + this.#maxMs,
      ...(device !== undefined && { device: device.slice(0, LONGEST_DEVICE) }),
    }
    await this.#store.createSession(session)
    // Not before: whoever shuts the account meanwhile ends the sessions there are, and this one ends itself.
    const opened = await this.#opened(user, session, refreshToken)
    if (!opened.ok) await this.#store.endSession(user.userId, sessionId)
    return opened
  }

  /** Whether the session is over by age or by not being used. */
  isOver(session: Session): boolean {
    const now = this.#clock.now()
    return now >= session.expiresAt || now >= session.refreshedAt + this.#idleMs
  }

  /** The session with its next token; undefined when its newest token is no longer the one read, or the account is shut. */
  async rotate(user: User, session: Session): Promise<OpenSession | undefined> {
    const refreshToken = newRefreshToken(user.userId, session.sessionId)
    const now = this.#clock.now()
    const change = { expected: session.tokenHash, next: sha256(refreshToken), at: now }
    if (!(await this.#store.rotateSession(user.userId, session.sessionId, change))) return undefined
    const opened = await this.#opened(user, { ...session, refreshedAt: now }, refreshToken)
    return opened.ok ? opened.value : undefined
  }

  async #opened(user: User, session: Session, refreshToken: string): Promise<Result<OpenSession, AccountShut>> {
    const standing = await this.#standings.standing(user.userId)
    if (standing.state !== 'open') return err({ kind: 'account-shut', state: standing.state })
    const token = await this.#signer.sign(user.userId, scopesOf(user, standing), sessionGrant(session.sessionId))
    const refreshUntil = Math.min(session.expiresAt, session.refreshedAt + this.#idleMs)
    return ok({ view: { ...token, user: userViewOf(user, standing) }, refreshToken, refreshUntil })
  }
}

function newRefreshToken(userId: UserId, sessionId: string): string {
  return `${userId}.${sessionId}.${randomBase62(SECRET_LENGTH)}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
