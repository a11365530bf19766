import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common'
import {
  chunkSchema,
  MINING_PATH,
  minerHelloSchema,
  pauseReasons,
  type MinerHello,
  type MinerStatus,
  type MinerToServer,
  type PauseReason,
  type ServerToMiner,
} from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { JobQueue, LiveEvents } from '@quarry/messaging-port'
import {
  AccessTokens,
  ACCESS_TOKENS,
  isAnswer,
  CLOCK,
  JOB_QUEUE,
  KERNEL_CONFIG,
  LIVE_EVENTS,
  LOGGER,
  SocketServers,
  SocketSignIn,
  SOCKET_SERVERS,
  type SignedIn,
  type KernelConfig,
} from '@quarry/service-kit'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { AcceptSubmissions } from '../application/accept-submissions.ts'
import { AssembleBodies, AssemblySpace } from '../application/assemble-bodies.ts'
import { DispatchJobs } from '../application/dispatch-jobs.ts'
import type { MinerSession } from '../application/miner-session.ts'
import { ReapJobs } from '../application/reap-jobs.ts'
import { ServeMiners } from '../application/serve-miners.ts'
import { TellPresence } from '../application/tell-presence.ts'
import { miningServerConfig, type MiningServerConfig } from '../mining-server.config.ts'
import { SERVER_ID } from '../server-id.ts'
import { VerdictMetrics } from '../verdict-metrics.ts'
import { toIncoming } from './incoming-submissions.ts'

type Miner = Socket<MinerToServer, ServerToMiner>

const MAX_SUBMISSIONS = 1024
const MAX_CAPACITY = 512
/** How much later than it changed the count of miners may be told. */
const COUNT_MS = 100
/** The part of the time for shutting down that miners get; the rest is for storing and settling what they bring. */
const DRAIN_SHARE = 0.75

/** Miners connect here: jobs out, outcomes in. */
@Injectable()
export class MiningGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  #server: Server<MinerToServer, ServerToMiner> | undefined
  #stopRounds: readonly (() => void)[] = []
  #cancelCount: CancelTimer | undefined
  readonly #space = new AssemblySpace()
  #stopListening: (() => void) | undefined
  readonly #earnings = new Map<Miner, { session: MinerSession; toldCoins: number }>()

  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(ServeMiners) private readonly miners: ServeMiners,
    @Inject(DispatchJobs) private readonly dispatch: DispatchJobs,
    @Inject(AcceptSubmissions) private readonly accept: AcceptSubmissions,
    @Inject(VerdictMetrics) private readonly verdicts: VerdictMetrics,
    @Inject(ReapJobs) private readonly reap: ReapJobs,
    @Inject(TellPresence) private readonly presence: TellPresence,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(miningServerConfig.token) private readonly config: MiningServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(SERVER_ID) private readonly serverId: string,
  ) {}

  onModuleInit(): void {
    const signIn = new SocketSignIn<MinerHello>(
      { schema: minerHelloSchema, scope: 'mine', maxPerUser: this.config.maxMinersPerUser },
      { tokens: this.tokens, clock: this.clock },
    )
    this.#server = this.servers.open<MinerToServer, ServerToMiner>(MINING_PATH)
    this.#server.use(signIn.middleware)
    this.#server.on('connection', (socket) => this.#connected(socket, signIn.begin(socket)))
  }

  onApplicationBootstrap(): void {
    this.#stopListening = this.queue.onClaimable(() => this.dispatch.wake())
    this.#stopRounds = [
      // Apart: a reaper may wait long for its results to be stored, and leases end meanwhile.
      this.#every('reaping', () => this.reap.run()),
      this.#every('looking after leases', async () => {
        this.#tellEarnings()
        this.#tellCount()
        await this.accept.keepJudged()
        await this.miners.endOverdue()
      }),
      this.#every('telling who is connected', () => this.presence.round()),
    ]
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#server?.emit('draining')
    this.#stopListening?.()
    const drained = this.miners.drain(this.kernel.drainMs * DRAIN_SHARE)
    await drained.catch((err: unknown) =>
      this.logger.warn({ err }, 'leases could not be handed back; they run out by themselves'),
    )
    for (const stop of this.#stopRounds) stop()
    this.#server?.disconnectSockets(true)
    // Nor is their going told of later, when the engines are closed.
    this.#cancelCount?.()
    this.#cancelCount = () => undefined
  }

  /** Once at a time, `reapMs` after the last one ended, until stopped. */
  #every(what: string, action: () => Promise<unknown>): () => void {
    let cancel: CancelTimer = () => undefined
    let stopped = false
    const again = () => {
      if (stopped) return
      cancel = this.clock.after(this.config.reapMs, () => {
        action()
          .catch((err: unknown) => this.logger.error({ err }, `${what} failed`))
          .finally(again)
      })
    }
    again()
    return () => {
      stopped = true
      cancel()
    }
  }

  /** Said again and again, so that who has just come learns it too. */
  #tellCount(): void {
    this.live.publish('miners', { kind: 'miners-connected', server: this.serverId, count: this.miners.count })
  }

  /** Once for all that come and go within a moment: one message each is a burst of garbage when 10,000 connect. */
  #countChanged(): void {
    this.#cancelCount ??= this.clock.after(COUNT_MS, () => {
      this.#cancelCount = undefined
      this.#tellCount()
    })
  }

  #tellEarnings(): void {
    for (const [socket, told] of this.#earnings) {
      if (told.session.coins === told.toldCoins) continue
      told.toldCoins = told.session.coins
      socket.emit('earned', told.toldCoins)
    }
  }

  #connected(socket: Miner, { hello, identity }: SignedIn<MinerHello>): void {
    const session: MinerSession = {
      userId: identity.userId,
      deviceId: hello.deviceId,
      capacity: hello.concurrency,
      outstanding: 0,
      judging: 0,
      connected: true,
      pages: 0,
      coins: 0,
      assign: (assignments) => void socket.emit('assign', [...assignments]),
      end: () => void socket.disconnect(true),
    }
    // The room of its own, which nobody sends to.
    void socket.leave(socket.id)
    const bodies = new AssembleBodies(this.#space)
    this.#earnings.set(socket, { session, toldCoins: 0 })
    const { name = hello.deviceId, version } = hello
    void this.presence.joined(session, { connectionId: randomUUID(), name, version })
    socket.on('disconnect', () => {
      this.#earnings.delete(socket)
      bodies.dropAll()
      this.miners.leave(session)
      this.#countChanged()
      void this.presence.left(session)
    })
    socket.on('submit', (...message: unknown[]) => void this.#submitted(session, bodies, message))
    socket.on('chunk', (header: unknown, bytes: unknown, answer: unknown) => {
      if (!isAnswer(answer)) return
      const { success, data } = chunkSchema.safeParse(header)
      if (!success || !(bytes instanceof Uint8Array)) return answer(false)
      // Of a lease that is over nothing is kept; the submission that follows is told so.
      answer(!this.accept.expects(session, data.token) || bodies.take(data.token, data.index, bytes))
    })
    socket.on('handBack', (tokens: unknown, answer: unknown) => {
      if (!isTokens(tokens) || !isAnswer(answer)) return
      this.miners.handBack(session, tokens).then(
        () => answer(),
        (err: unknown) => this.logger.warn({ err }, 'hand-back failed'),
      )
    })
    socket.on('capacity', (capacity: unknown, why: unknown) => {
      if (!Number.isInteger(capacity) || Number(capacity) < 0 || Number(capacity) > MAX_CAPACITY) return
      this.miners.changeCapacity(session, Number(capacity))
      this.presence.paused(session, isPauseReason(why) ? why : 'paused')
    })
    socket.on('status', (answer: unknown) => {
      if (isAnswer(answer))
        void this.#status(session).then(
          (status) => answer(status),
          () => undefined,
        )
    })
    this.miners.join(session, new Set(hello.holding)).catch((err: unknown) => this.logger.warn({ err }, 'join failed'))
    this.#countChanged()
  }

  async #submitted(session: MinerSession, assembly: AssembleBodies, message: unknown[]): Promise<void> {
    const [list, joined, answer] = message
    if (!Array.isArray(list) || list.length > MAX_SUBMISSIONS || !(joined instanceof Uint8Array) || !isAnswer(answer))
      return
    const verdicts = this.accept.run(session, toIncoming(list, joined, assembly))
    this.dispatch.capacityChanged(session)
    const answers = await verdicts
    this.verdicts.note(session, answers)
    answer(answers)
    this.dispatch.capacityChanged(session)
  }

  async #status(session: MinerSession): Promise<MinerStatus> {
    const { waiting } = await this.queue.depth()
    return {
      connectedMiners: this.miners.count,
      waitingJobs: waiting,
      outstanding: session.outstanding,
      sessionPages: session.pages,
      sessionCoins: session.coins,
    }
  }
}

function isTokens(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_SUBMISSIONS && value.every((token) => typeof token === 'string')
}

function isPauseReason(value: unknown): value is PauseReason {
  return pauseReasons.some((reason) => reason === value)
}
