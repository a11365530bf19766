import {
  CodedError,
  GUEST_GRANT,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type ErrorBody,
  type Scope,
} from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { Socket } from 'socket.io'
import type { z } from 'zod'
import { isAnswer } from './answer.ts'
import { invalidInput, toCodedError, toErrorBody } from '../http/problems.ts'
import { notForGuests, type AccessTokens, type Identity } from '../identity/access-tokens.ts'

interface Hello {
  readonly protocol: number
  readonly token: string
}

/** A peer whose greeting and token were checked. */
export interface SignedIn<H extends Hello> {
  readonly hello: H
  readonly identity: Identity
}

/** Messages of one account in a second, over all its connections here; far above what any client of ours sends. */
const MESSAGES_PER_SECOND = 5_000
const SECOND_MS = 1_000

/** What a connection that has signed in keeps of its handshake: the rest is kilobytes, for as long as it stands. */
const EMPTY = Object.freeze({})
const NO_HANDSHAKE = { auth: EMPTY, headers: EMPTY, query: EMPTY, time: '', url: '' }

/** One account's connections to this server, and what they sent in the second that began at `since`. */
interface Account {
  connections: number
  messages: number
  since: number
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
  readonly #forGuests: boolean
  readonly #maxPerUser: number
  readonly #messagesPerSecond: number
  readonly #accounts = new Map<string, Account>()
  readonly #signedIn = new WeakMap<Socket, SignedIn<H> & { readonly account: Account; readonly release: () => void }>()

  constructor(
    rules: {
      schema: z.ZodType<H>
      scope: Scope
      maxPerUser: number
      messagesPerSecond?: number
      /** Whether guests may connect, too: only where nothing but listening is possible. */
      forGuests?: boolean
    },
    deps: { tokens: AccessTokens; clock: Clock },
  ) {
    this.#schema = rules.schema
    this.#scope = rules.scope
    this.#forGuests = rules.forGuests ?? false
    this.#maxPerUser = rules.maxPerUser
    this.#messagesPerSecond = rules.messagesPerSecond ?? MESSAGES_PER_SECOND
    this.#tokens = deps.tokens
    this.#clock = deps.clock
  }

  /** The middleware for `server.use`. */
  readonly middleware = (socket: Socket, next: (error?: Error) => void): void => {
    this.#check(socket.handshake.auth).then(
      (signedIn) => {
        const { userId } = signedIn.identity
        const account = this.#accounts.get(userId) ?? { connections: 0, messages: 0, since: 0 }
        if (account.connections >= this.#maxPerUser) return next(new RefusedConnection(tooMany(this.#maxPerUser)))
        // Counted here already: of connections that come at once no two may take the last place.
        const release = this.#occupy(userId, account)
        socket.conn.on('close', release)
        if (socket.conn.readyState !== 'open') release()
        this.#signedIn.set(socket, { ...signedIn, account, release })
        next()
      },
      (error: unknown) => next(new RefusedConnection(toCodedError(error))),
    )
  }

  /**
   * To be called first in the connection handler: who it is. From now on the session ends when its token does, unless
   * the peer sends a fresh one of the same user by `refresh`; within a moment when what the token was given for is over (a
   * session signed out, an API token revoked); and at once when the account sends far too much.
   */
  begin(socket: Socket): SignedIn<H> {
    const signedIn = this.#signedIn.get(socket)
    if (!signedIn) throw new Error('connection without the sign-in middleware')
    const { hello, identity, account, release } = signedIn
    const { userId } = identity
    this.#signedIn.delete(socket)
    Object.assign(socket.handshake, NO_HANDSHAKE)
    // From here on 'disconnect' comes before it.
    socket.conn.off('close', release)
    let cancel = this.#endAt(socket, identity)
    socket.use((_, next) => {
      if (this.#mayPass(account)) return next()
      this.#end(
        socket,
        new CodedError('too_many_requests', 'This account sends too many messages.', { retryAfterMs: SECOND_MS }),
      )
    })
    socket.on('refresh', (token: unknown, answer: unknown) => {
      if (!isAnswer(answer)) return
      this.#refreshed(token, userId).then(
        (fresh) => {
          cancel()
          if (socket.connected) cancel = this.#endAt(socket, fresh)
          answer()
        },
        (error: unknown) => answer(toErrorBody(toCodedError(error))),
      )
    })
    socket.on('disconnect', () => {
      cancel()
      release()
    })
    return { hello, identity }
  }

  /** Takes a place; returns how to leave it, once. */
  #occupy(userId: string, account: Account): () => void {
    this.#accounts.set(userId, account)
    account.connections++
    let left = false
    return () => {
      if (left) return
      left = true
      if (--account.connections === 0) this.#accounts.delete(userId)
    }
  }

  #mayPass(account: Account): boolean {
    const now = this.#clock.now()
    if (now - account.since >= SECOND_MS || now < account.since) Object.assign(account, { since: now, messages: 0 })
    return ++account.messages <= this.#messagesPerSecond
  }

  async #check(auth: unknown): Promise<SignedIn<H>> {
    const protocol = (auth as { protocol?: unknown } | null)?.protocol
    if (typeof protocol === 'number' && (protocol < OLDEST_PROTOCOL_VERSION || protocol > PROTOCOL_VERSION)) {
      const span = [...new Set<number>([OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION])].join(' to ')
      throw new CodedError(
        'protocol_unsupported',
        `This client speaks protocol ${protocol}; the server speaks ${span}. Please upgrade.`,
      )
    }
    const hello = this.#schema.safeParse(auth)
    if (!hello.success) throw invalidInput(hello.error.issues, 'The greeting')
    return { hello: hello.data, identity: await this.#verified(hello.data.token) }
  }

  async #refreshed(token: unknown, userId: string): Promise<Identity> {
    const identity = await this.#verified(String(token))
    if (identity.userId !== userId) throw new CodedError('forbidden', 'The fresh token belongs to somebody else.')
    return identity
  }

  async #verified(token: string): Promise<Identity> {
    const identity = await this.#tokens.verify(token, this.#scope)
    if (identity.grant === GUEST_GRANT && !this.#forGuests) throw notForGuests()
    return identity
  }

  #endAt(socket: Socket, identity: Identity): CancelTimer {
    const expiry = this.#clock.after(Math.max(0, identity.expiresAt - this.#clock.now()), () => {
      this.#end(socket, new CodedError('token_expired', "The session's access token has expired."))
    })
    const stopListening = this.#tokens.whenEnded(identity, (reason) => this.#end(socket, reason))
    return () => {
      expiry()
      stopListening()
    }
  }

  #end(socket: Socket, error: CodedError): void {
    socket.emit('refused', toErrorBody(error))
    socket.disconnect(true)
  }
}

function tooMany(max: number): CodedError {
  return new CodedError('too_many_requests', `This account already has ${max} connections here.`, {
    retryAfterMs: 10_000,
  })
}
