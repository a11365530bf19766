import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common'
import {
  cursorSchema,
  joinBodies,
  receiverHelloSchema,
  RESULTS_PATH,
  type ReceiverHello,
  type ReceiverToServer,
  type ServerToReceiver,
} from '@quarry/contracts'
import { sleep, type CancelTimer, type Clock } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'
import {
  AccessTokens,
  ACCESS_TOKENS,
  CLOCK,
  LIVE_EVENTS,
  LOGGER,
  RESULT_STORE,
  SocketServers,
  SocketSignIn,
  SOCKET_SERVERS,
  type SignedIn,
} from '@quarry/service-kit'
import type { ResultStore } from '@quarry/storage-port'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { PushInbox } from '../application/push-inbox.ts'
import { resultServerConfig, type ResultServerConfig } from '../result-server.config.ts'

type ResultClient = Socket<ReceiverToServer, ServerToReceiver>

/** Every receiver looks again this often, in case the hint that woke it was lost. */
const LOOK_AGAIN_MS = 2000
const PRUNE_MS = 60_000
const PRUNE_BATCH = 500
const DAY_MS = 24 * 3600 * 1000
/** A receiver that takes longer to leave is cut off; it loses nothing. */
const LEAVE_MS = 1000
const LEAVE_LOOK_MS = 20
/** Bytes that wait in this process for a receiver that reads slowly, whatever it acknowledges. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024

/** Result-clients connect here: results out, cursors in. */
@Injectable()
export class ResultsGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  #server: Server<ReceiverToServer, ServerToReceiver> | undefined
  readonly #inboxes = new Map<ResultClient, PushInbox>()
  #stopRounds: readonly (() => void)[] = []
  #stopped = false

  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RESULT_STORE) private readonly results: ResultStore,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(resultServerConfig.token) private readonly config: ResultServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const signIn = new SocketSignIn<ReceiverHello>(
      { schema: receiverHelloSchema, scope: 'results:read', maxPerUser: this.config.maxReceiversPerUser },
      { tokens: this.tokens, clock: this.clock },
    )
    this.#server = this.servers.open<ReceiverToServer, ServerToReceiver>(RESULTS_PATH)
    this.#server.use(signIn.middleware)
    this.#server.on('connection', (socket) => this.#connected(socket, signIn.begin(socket)))
  }

  onApplicationBootstrap(): void {
    this.#stopRounds = [
      this.#every(LOOK_AGAIN_MS, async () => {
        for (const inbox of this.#inboxes.values()) inbox.wake()
      }),
      this.#every(PRUNE_MS, async () => {
        const before = this.clock.now() - this.config.retentionDays * DAY_MS
        while ((await this.results.prune(before, PRUNE_BATCH)) === PRUNE_BATCH && !this.#stopped);
      }),
    ]
  }

  /** Receivers go on elsewhere after their last written cursor. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true
    for (const stop of this.#stopRounds) stop()
    this.#server?.emit('draining')
    const leaving = [...this.#inboxes.keys()]
    const until = this.clock.now() + LEAVE_MS
    while (leaving.some((socket) => socket.connected) && this.clock.now() < until)
      await sleep(this.clock, LEAVE_LOOK_MS)
    for (const socket of leaving) socket.disconnect(true)
  }

  #every(periodMs: number, action: () => Promise<void>): () => void {
    let cancel: CancelTimer = () => undefined
    let stopped = false
    const again = () => {
      if (stopped) return
      cancel = this.clock.after(periodMs, () => {
        action()
          .catch((err: unknown) => this.logger.error({ err }, 'a round failed'))
          .finally(again)
      })
    }
    again()
    return () => {
      stopped = true
      cancel()
    }
  }

  #connected(socket: ResultClient, { hello, identity }: SignedIn<ReceiverHello>): void {
    let unsentBytes = 0
    let heldBack = false
    const inbox = new PushInbox(
      { results: this.results, onError: (err) => this.logger.error({ err }, 'pushing results failed') },
      {
        customerId: identity.userId,
        window: hello.window,
        ...(hello.orderId !== undefined && { orderId: hello.orderId }),
        ...(hello.since !== undefined && { since: hello.since }),
        congested: () => (heldBack = unsentBytes > MAX_UNSENT_BYTES),
        results: (deliveries, bodies) => {
          const joined = joinBodies(bodies)
          unsentBytes += joined.byteLength
          socket.emit('results', [...deliveries], joined)
        },
        chunk: (header, bytes) => {
          unsentBytes += bytes.byteLength
          socket.emit('chunk', header, bytes)
        },
        caughtUp: () => void socket.emit('caughtUp'),
      },
      hello.after,
    )
    const unsubscribe = this.live.subscribe(`user:${identity.userId}`, (event) => {
      if (event.kind === 'results-waiting') inbox.wake()
    })
    this.#inboxes.set(socket, inbox)
    // The connection hands everything on at once, but only when the last was written out.
    socket.conn.on('flush', () => (unsentBytes = 0))
    socket.conn.on('drain', () => {
      if (heldBack) inbox.wake()
    })
    socket.on('ack', (cursor: unknown) => {
      const parsed = cursorSchema.safeParse(cursor)
      if (parsed.success) inbox.acknowledge(parsed.data)
    })
    socket.on('disconnect', () => {
      unsubscribe()
      inbox.stop()
      this.#inboxes.delete(socket)
    })
    inbox.wake()
  }
}
