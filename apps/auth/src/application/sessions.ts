import { scopes, type SessionView, type UserView } from '@quarry/contracts'
import type { Clock, Instant, UserId } from '@quarry/domain'
import type { Session, SessionStore, User } from '@quarry/storage-port'
import { createHash } from 'node:crypto'
import type { AccessTokenSigner } from './access-token-signer.ts'
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

export function userViewOf(user: User): UserView {
  return { userId: user.userId, email: user.email, totpEnabled: user.totp !== undefined, createdAt: user.createdAt }
}

/** Opens sessions and makes their tokens; the lives are in milliseconds. */
export class Sessions {
  readonly #store: SessionStore
  readonly #signer: AccessTokenSigner
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #maxMs: number

  constructor(parts: { store: SessionStore; signer: AccessTokenSigner; clock: Clock; idleMs: number; maxMs: number }) {
    this.#store = parts.store
    this.#signer = parts.signer
    this.#clock = parts.clock
    this.#idleMs = parts.idleMs
    this.#maxMs = parts.maxMs
  }

  /** A new session of a user who has just shown every factor. */
  async open(user: User): Promise<OpenSession> {
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
    }
    await this.#store.createSession(session)
    return this.#opened(user, session, refreshToken)
  }

  /** Whether the session is over by age or by not being used. */
  isOver(session: Session): boolean {
    const now = this.#clock.now()
    return now >= session.expiresAt || now >= session.refreshedAt + this.#idleMs
  }

  /** The session with its next token; undefined when its newest token is no longer the one read. */
  async rotate(user: User, session: Session): Promise<OpenSession | undefined> {
    const refreshToken = newRefreshToken(user.userId, session.sessionId)
    const now = this.#clock.now()
    const change = { expected: session.tokenHash, next: sha256(refreshToken), at: now }
    if (!(await this.#store.rotateSession(user.userId, session.sessionId, change))) return undefined
    return this.#opened(user, { ...session, refreshedAt: now }, refreshToken)
  }

  async #opened(user: User, session: Session, refreshToken: string): Promise<OpenSession> {
    const token = await this.#signer.sign(user.userId, scopes)
    const refreshUntil = Math.min(session.expiresAt, session.refreshedAt + this.#idleMs)
    return { view: { ...token, user: userViewOf(user) }, refreshToken, refreshUntil }
  }
}

function newRefreshToken(userId: UserId, sessionId: string): string {
  return `${userId}.${sessionId}.${randomBase62(SECRET_LENGTH)}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
