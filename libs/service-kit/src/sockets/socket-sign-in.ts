import { CodedError, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, type ErrorBody, type Scope } from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { Socket } from 'socket.io'
import type { z } from 'zod'
import { invalidInput, toCodedError, toErrorBody } from '../http/problems.ts'
import type { AccessTokens, Identity } from '../identity/access-tokens.ts'

interface Hello {
  readonly protocol: number
  readonly token: string
}

/** A peer whose greeting and token were checked. */
export interface SignedIn<H extends Hello> {
  readonly hello: H
  readonly identity: Identity
}

/** What a socket.io middleware passes to `next`: the client finds the `ErrorBody` in `error.data`. */
export class RefusedConnection extends Error {
  override readonly name = 'RefusedConnection'
  readonly data: ErrorBody

  constructor(error: CodedError) {
    super(error.message)
    this.data = toErrorBody(error)
  }
}

/** Checks the handshake of every connection to a server; one that fails is refused before it can send anything. */
export class SocketSignIn<H extends Hello> {
  readonly #schema: z.ZodType<H>
  readonly #scope: Scope
  readonly #tokens: AccessTokens
  readonly #clock: Clock
  readonly #maxPerUser: number
  readonly #open = new Map<string, number>()
  readonly #signedIn = new WeakMap<Socket, SignedIn<H>>()

  constructor(
    rules: { schema: z.ZodType<H>; scope: Scope; maxPerUser: number },
    deps: { tokens: AccessTokens; clock: Clock },
  ) {
    this.#schema = rules.schema
    this.#scope = rules.scope
    this.#maxPerUser = rules.maxPerUser
    this.#tokens = deps.tokens
    this.#clock = deps.clock
  }

  /** The middleware for `server.use`. */
  readonly middleware = (socket: Socket, next: (error?: Error) => void): void => {
    this.#check(socket.handshake.auth).then(
      (signedIn) => {
        const { userId } = signedIn.identity
        const open = this.#open.get(userId) ?? 0
        if (open >= this.#maxPerUser) return next(new RefusedConnection(tooMany(this.#maxPerUser)))
        this.#signedIn.set(socket, signedIn)
        next()
      },
      (error: unknown) => next(new RefusedConnection(toCodedError(error))),
    )
  }

  /**
   * To be called first in the connection handler: who it is. From now on the session ends when its token does, unless
   * the peer sends a fresh one of the same user by `refresh`.
   */
  begin(socket: Socket): SignedIn<H> {
    const signedIn = this.#signedIn.get(socket)
    if (!signedIn) throw new Error('connection without the sign-in middleware')
    const { userId } = signedIn.identity
    this.#open.set(userId, (this.#open.get(userId) ?? 0) + 1)
    let cancel = this.#endAt(socket, signedIn.identity)
    socket.on('refresh', (token: unknown, answer: unknown) => {
      if (typeof answer !== 'function') return
      this.#refreshed(token, userId).then(
        (identity) => {
          cancel()
          cancel = this.#endAt(socket, identity)
          answer()
        },
        (error: unknown) => answer(toErrorBody(toCodedError(error))),
      )
    })
    socket.on('disconnect', () => {
      cancel()
      const left = (this.#open.get(userId) ?? 1) - 1
      if (left > 0) this.#open.set(userId, left)
      else this.#open.delete(userId)
    })
    return signedIn
  }

  async #check(auth: unknown): Promise<SignedIn<H>> {
    const protocol = (auth as { protocol?: unknown } | null)?.protocol
    if (typeof protocol === 'number' && (protocol < OLDEST_PROTOCOL_VERSION || protocol > PROTOCOL_VERSION)) {
      const span = OLDEST_PROTOCOL_VERSION === PROTOCOL_VERSION ? `${PROTOCOL_VERSION}` : `${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}`
      throw new CodedError('protocol_unsupported', `This client speaks protocol ${protocol}; the server speaks ${span}. Please upgrade.`)
    }
    const hello = this.#schema.safeParse(auth)
    if (!hello.success) throw invalidInput(hello.error.issues, 'The greeting')
    return { hello: hello.data, identity: await this.#tokens.verify(hello.data.token, this.#scope) }
  }

  async #refreshed(token: unknown, userId: string): Promise<Identity> {
    const identity = await this.#tokens.verify(String(token), this.#scope)
    if (identity.userId !== userId) throw new CodedError('forbidden', 'The fresh token belongs to somebody else.')
    return identity
  }

  #endAt(socket: Socket, identity: Identity): CancelTimer {
    return this.#clock.after(Math.max(0, identity.expiresAt - this.#clock.now()), () => {
      socket.emit('refused', toErrorBody(new CodedError('token_expired', 'The session\'s access token has expired.')))
      socket.disconnect(true)
    })
  }
}

function tooMany(max: number): CodedError {
  return new CodedError('too_many_requests', `This account already has ${max} connections here.`, { retryAfterMs: 10_000 })
}
