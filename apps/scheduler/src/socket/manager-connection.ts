import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import {
  MANAGERS_PATH,
  PROTOCOL_VERSION,
  shardSchema,
  type ManagerToScheduler,
  type SchedulerToManager,
} from '@quarry/contracts'
import type { Clock, Random } from '@quarry/domain'
import {
  CLOCK,
  KERNEL_CONFIG,
  LOGGER,
  Peers,
  PEERS,
  RANDOM,
  Readiness,
  READINESS,
  type KernelConfig,
} from '@quarry/service-kit'
import type { Logger } from 'pino'
import { io, type Socket } from 'socket.io-client'
import { RunScheduler } from '../application/run-scheduler.ts'
import { SCHEDULER_ID } from '../scheduler-id.ts'

type Manager = Socket<ManagerToScheduler, SchedulerToManager>

const LEAVE_MS = 1000
const RETRY_MS = 200
const CONNECT_MS = 2000

/** Keeps the scheduler connected to whichever manager leads; without one it keeps the buckets that it has. */
@Injectable()
export class ManagerConnection implements OnApplicationBootstrap, OnModuleDestroy {
  #socket: Manager | undefined
  #attempt = 0
  /** Since the last hand-out; managers that send us round in a circle must not be kept busy by it. */
  #redirects = 0
  #stopped = false

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(SCHEDULER_ID) private readonly schedulerId: string,
    @Inject(RunScheduler) private readonly scheduler: RunScheduler,
    @Inject(READINESS) readiness: Readiness,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    readiness.add('scheduler-manager', () => {
      if (!this.#socket?.connected) throw new Error('no scheduler-manager is connected')
    })
  }

  onApplicationBootstrap(): void {
    this.scheduler.start()
    this.peers.whenListening(() => this.#connect(this.peers.managers[0]!))
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true
    await this.scheduler.stop()
    if (this.#socket?.connected)
      await this.#socket
        .timeout(LEAVE_MS)
        .emitWithAck('leave')
        .catch(() => undefined)
    this.#socket?.disconnect()
  }

  #connect(url: string): void {
    const socket: Manager = io(url, {
      path: MANAGERS_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_MS,
      auth: { protocol: PROTOCOL_VERSION, secret: this.kernel.internalSecret, schedulerId: this.schedulerId },
    })
    this.#socket = socket
    socket.on('shard', (handOut) => {
      const shard = shardSchema.parse(handOut)
      this.#redirects = 0
      this.logger.info({ shard }, 'shard')
      void this.scheduler.assign(shard)
    })
    socket.on('redirect', (address) => this.#switchTo(socket, address))
    socket.on('connect_error', (error) => {
      this.logger.info({ url, reason: error.message }, 'scheduler-manager not reachable')
      this.#tryNext(socket)
    })
    socket.on('disconnect', () => this.#tryNext(socket))
  }

  #switchTo(socket: Manager, address: string): void {
    if (socket !== this.#socket || this.#stopped) return
    if (++this.#redirects > this.peers.managers.length) return this.#tryNext(socket)
    this.#socket = undefined
    socket.disconnect()
    this.#connect(address)
  }

  #tryNext(socket: Manager): void {
    if (socket !== this.#socket || this.#stopped) return
    this.#socket = undefined
    socket.disconnect()
    const { managers } = this.peers
    this.#attempt++
    this.#redirects = 0
    const delayMs = RETRY_MS * (1 + this.random.next())
    this.clock.after(delayMs, () => {
      if (!this.#stopped) this.#connect(managers[this.#attempt % managers.length]!)
    })
  }
}
