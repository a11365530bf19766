import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common'
import {
  chunkSchema, cutBodies, MINING_PATH, minerHelloSchema, submissionSchema, type MinerHello, type MinerToServer,
  type ServerToMiner, type Submission,
} from '@quarry/contracts'
import type { CancelTimer, Clock } from '@quarry/domain'
import type { JobQueue } from '@quarry/messaging-port'
import {
  AccessTokens, ACCESS_TOKENS, CLOCK, JOB_QUEUE, KERNEL_CONFIG, LOGGER, SocketServers, SocketSignIn, SOCKET_SERVERS,
  type KernelConfig,
} from '@quarry/service-kit'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { AcceptSubmissions, type IncomingSubmission } from '../application/accept-submissions.ts'
import { AssembleBodies } from '../application/assemble-bodies.ts'
import { DispatchJobs } from '../application/dispatch-jobs.ts'
import type { MinerSession } from '../application/miner-session.ts'
import { ReapJobs } from '../application/reap-jobs.ts'
import { ServeMiners } from '../application/serve-miners.ts'
import { miningServerConfig, type MiningServerConfig } from '../mining-server.config.ts'

type Miner = Socket<MinerToServer, ServerToMiner>

const MAX_SUBMISSIONS = 1024
const MAX_CAPACITY = 512

/** Miners connect here: jobs out, outcomes in. */
@Injectable()
export class MiningGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  #server: Server<MinerToServer, ServerToMiner> | undefined
  #signIn: SocketSignIn<MinerHello> | undefined
  #cancelRound: CancelTimer | undefined
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
    @Inject(ReapJobs) private readonly reap: ReapJobs,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(miningServerConfig.token) private readonly config: MiningServerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.#signIn = new SocketSignIn<MinerHello>(
      { schema: minerHelloSchema, scope: 'mine', maxPerUser: this.config.maxMinersPerUser },
      { tokens: this.tokens, clock: this.clock },
    )
    this.#server = this.servers.open<MinerToServer, ServerToMiner>(MINING_PATH)
    this.#server.use(this.#signIn.middleware)
    this.#server.on('connection', (socket) => this.#connected(socket))
  }

  onApplicationBootstrap(): void {
    this.#stopListening = this.queue.onClaimable(() => this.dispatch.wake())
    this.#nextRound()
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#server?.emit('draining')
    this.#stopListening?.()
    this.#cancelRound?.()
    await this.miners.drain(this.kernel.drainMs)
    this.#server?.disconnectSockets(true)
  }

  #nextRound(): void {
    this.#cancelRound = this.clock.after(this.config.reapMs, () => {
      this.miners.forgetExpired(this.config.leaseMs)
      this.#tellEarnings()
      this.reap.run().then(
        () => this.#nextRound(),
        (err: unknown) => {
          this.logger.error({ err }, 'reaping failed')
          this.#nextRound()
        },
      )
    })
  }

  #tellEarnings(): void {
    for (const [socket, told] of this.#earnings) {
      if (told.session.coins === told.toldCoins) continue
      told.toldCoins = told.session.coins
      socket.emit('earned', told.toldCoins)
    }
  }

  #connected(socket: Miner): void {
    const { hello, identity } = this.#signIn!.begin(socket)
    const session: MinerSession = {
      userId: identity.userId,
      deviceId: hello.deviceId,
      capacity: hello.concurrency,
      outstanding: 0,
      pages: 0,
      coins: 0,
      assign: (assignments) => void socket.emit('assign', [...assignments]),
    }
    const bodies = new AssembleBodies()
    this.#earnings.set(socket, { session, toldCoins: 0 })
    socket.on('disconnect', () => {
      this.#earnings.delete(socket)
      this.miners.leave(session)
    })
    socket.on('submit', (...message: unknown[]) => void this.#submitted(session, bodies, message))
    socket.on('chunk', (header: unknown, bytes: unknown, answer: unknown) => {
      const parsed = chunkSchema.safeParse(header)
      if (typeof answer !== 'function') return
      answer(parsed.success && bytes instanceof Uint8Array && bodies.take(parsed.data.token, parsed.data.index, bytes))
    })
    socket.on('handBack', (tokens: unknown, answer: unknown) => {
      if (!isTokens(tokens) || typeof answer !== 'function') return
      this.miners.handBack(session, tokens).then(() => answer(), (err: unknown) => this.logger.warn({ err }, 'hand-back failed'))
    })
    socket.on('capacity', (capacity: unknown) => {
      if (Number.isInteger(capacity) && Number(capacity) >= 0 && Number(capacity) <= MAX_CAPACITY) {
        this.miners.changeCapacity(session, Number(capacity))
      }
    })
    socket.on('status', (answer: unknown) => {
      if (typeof answer === 'function') void this.#status(session).then((status) => answer(status), () => undefined)
    })
    this.miners.join(session, new Set(hello.holding)).catch((err: unknown) => this.logger.warn({ err }, 'join failed'))
  }

  async #submitted(session: MinerSession, assembly: AssembleBodies, message: unknown[]): Promise<void> {
    const [list, joined, answer] = message
    if (!Array.isArray(list) || list.length > MAX_SUBMISSIONS || !(joined instanceof Uint8Array) || typeof answer !== 'function') return
    const incoming = toIncoming(list, joined, assembly)
    this.accept.freeSlots(session, incoming.map(({ token }) => token))
    this.dispatch.capacityChanged(session)
    try {
      answer(await this.accept.run(session, incoming))
    } catch (err) {
      this.logger.error({ err }, 'submissions could not be taken')
      answer(incoming.map(() => 'later'))
    }
  }

  async #status(session: MinerSession) {
    const { waiting } = await this.queue.depth()
    return {
      connectedMiners: this.miners.sessions.size,
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

/** Checks each envelope and finds its body; one that breaks the contract makes no other invalid, unless the bodies no longer add up. */
function toIncoming(list: readonly unknown[], joined: Uint8Array, assembly: AssembleBodies): IncomingSubmission[] {
  const parsed = list.map((one) => {
    const result = submissionSchema.safeParse(one)
    return { token: tokenOf(one), submission: result.success ? result.data : undefined }
  })
  const inline = parsed.flatMap(({ submission }) => (submission && isInline(submission) ? submission : []))
  const bodies = bodiesOf(inline, joined)
  return parsed.map(({ token, submission }) => {
    if (submission?.outcome.kind !== 'page') return { token, submission, body: undefined }
    return { token, submission, body: submission.chunked ? assembly.finish(token) : bodies.get(submission) }
  })
}

function isInline(submission: Submission): boolean {
  return submission.outcome.kind === 'page' && !submission.chunked
}

function bodiesOf(inline: readonly Submission[], joined: Uint8Array): Map<Submission, Uint8Array> {
  const sizes = inline.map(({ outcome }) => (outcome.kind === 'page' ? outcome.content.storedBytes : 0))
  try {
    return new Map(cutBodies(joined, sizes).map((body, index) => [inline[index]!, body]))
  } catch {
    return new Map()
  }
}

function tokenOf(one: unknown): string {
  const token = (one as { token?: unknown } | null)?.token
  return typeof token === 'string' ? token : ''
}
