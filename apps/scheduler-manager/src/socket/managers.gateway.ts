import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common'
import {
  CodedError,
  MANAGERS_PATH,
  schedulerHelloSchema,
  type ManagerToScheduler,
  type SchedulerToManager,
} from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import {
  CLOCK,
  invalidInput,
  KERNEL_CONFIG,
  LEADER_LEASE,
  LOGGER,
  Peers,
  PEERS,
  RefusedConnection,
  sameSecret,
  SocketServers,
  SOCKET_SERVERS,
  toCodedError,
  type KernelConfig,
} from '@quarry/service-kit'
import type { LeaderLease } from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import { HandOutShards } from '../application/hand-out-shards.ts'
import { HoldLeadership } from '../application/hold-leadership.ts'
import { schedulerManagerConfig, type SchedulerManagerConfig } from '../scheduler-manager.config.ts'

type Scheduler = Socket<SchedulerToManager, ManagerToScheduler>

/** Members that join or leave within this time get one hand-out together. */
const SETTLE_MS = 50

/** Schedulers connect here; the primary tells each its shard, a backup names the primary. */
@Injectable()
export class ManagersGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #sockets = new Map<string, Scheduler>()
  readonly #shards = new HandOutShards()
  #server: Server<SchedulerToManager, ManagerToScheduler> | undefined
  #leadership: HoldLeadership | undefined
  #handOutPending = false

  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(LEADER_LEASE) private readonly lease: LeaderLease,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(schedulerManagerConfig.token) private readonly config: SchedulerManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.#server = this.servers.open<SchedulerToManager, ManagerToScheduler>(MANAGERS_PATH)
    this.#server.use((socket, next) => {
      try {
        this.#checkHello(socket.handshake.auth)
        next()
      } catch (error) {
        next(new RefusedConnection(toCodedError(error)))
      }
    })
    this.#server.on('connection', (socket) => this.#connected(socket))
  }

  onApplicationBootstrap(): void {
    this.peers.whenListening((ownUrl) => {
      this.#leadership = new HoldLeadership({ lease: this.lease, clock: this.clock }, this.config, {
        holder: randomUUID(),
        address: ownUrl,
      })
      void this.#leadership.start(() => this.#leadershipChanged())
    })
  }

  beforeApplicationShutdown(): void {
    this.#leadership?.stop()
  }

  #checkHello(auth: unknown): void {
    const hello = schedulerHelloSchema.safeParse(auth)
    if (!hello.success) throw invalidInput(hello.error.issues, 'The greeting')
    if (!sameSecret(hello.data.secret, this.kernel.internalSecret))
      throw new CodedError('forbidden', 'Wrong internal secret.')
  }

  #connected(socket: Scheduler): void {
    const { schedulerId } = schedulerHelloSchema.parse(socket.handshake.auth)
    this.#sockets.get(schedulerId)?.disconnect(true)
    this.#sockets.set(schedulerId, socket)
    this.#shards.join(schedulerId)
    this.#handOutSoon()
    socket.on('leave', (answer) => {
      this.#left(schedulerId, socket)
      answer()
    })
    socket.on('disconnect', () => this.#left(schedulerId, socket))
  }

  #left(schedulerId: string, socket: Scheduler): void {
    if (this.#sockets.get(schedulerId) !== socket) return
    this.#sockets.delete(schedulerId)
    if (this.#shards.leave(schedulerId)) this.#handOutSoon()
  }

  #leadershipChanged(): void {
    const held = this.#leadership?.held
    this.logger.info({ primary: held !== undefined, epoch: held?.epoch }, 'leadership changed')
    if (held) this.#shards.lead(held.epoch)
    this.#handOutSoon()
  }

  #handOutSoon(): void {
    if (this.#handOutPending) return
    this.#handOutPending = true
    this.clock.after(SETTLE_MS, () => {
      this.#handOutPending = false
      this.#handOut()
    })
  }

  #handOut(): void {
    if (this.#leadership?.held) {
      for (const [schedulerId, shard] of this.#shards.handOut()) this.#sockets.get(schedulerId)?.emit('shard', shard)
    } else {
      const address = this.#leadership?.primary?.address
      // A lease of our own that we could not renew names nobody; whoever leads next will be seen.
      if (address === undefined || address === this.peers.ownUrl) return
      for (const socket of this.#sockets.values()) socket.emit('redirect', address)
    }
  }
}
