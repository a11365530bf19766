import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import {
  managerBeatSchema,
  managerListSchema,
  MANAGERS_PATH,
  PROTOCOL_VERSION,
  redirectSchema,
  shardSchema,
  type ManagerToScheduler,
  type PrimaryNotice,
  type SchedulerHello,
  type SchedulerToManager,
} from '@quarry/contracts'
import type { CancelTimer, Clock, Random } from '@quarry/domain'
import {
  CLOCK,
  isAnswer,
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
import type { z } from 'zod'
import { RunScheduler } from '../application/run-scheduler.ts'
import { WatchClock } from '../application/watch-clock.ts'
import { schedulerConfig, type SchedulerConfig } from '../scheduler.config.ts'
import { SCHEDULER_IDENTITY, type SchedulerIdentity } from '../scheduler-identity.ts'

type Manager = Socket<ManagerToScheduler, SchedulerToManager>

const LEAVE_MS = 1000
const RETRY_MS = 200
const CONNECT_MS = 2000

/**
 * Keeps the scheduler connected to whichever manager leads: it tries those it knows in turn, goes where a backup sends it
 * or a new primary calls it, and trusts no leadership older than one it heard of. Without a manager it keeps its buckets.
 */
@Injectable()
export class ManagerConnection implements OnApplicationBootstrap, OnModuleDestroy {
  #socket: Manager | undefined
  /** Under which addresses the manager at the other end is known. */
  #addresses = new Set<string>()
  #announced: readonly string[] = []
  #leaderEpoch = 0
  #attempt = 0
  /** Since the last hand-out; managers that send us round in a circle must not be kept busy by it. */
  #redirects = 0
  #cancelSilence: CancelTimer | undefined
  #cancelRetry: CancelTimer | undefined
  #stopped = false

  constructor(
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(SCHEDULER_IDENTITY) private readonly identity: SchedulerIdentity,
    @Inject(RunScheduler) private readonly scheduler: RunScheduler,
    @Inject(WatchClock) private readonly watchClock: WatchClock,
    @Inject(schedulerConfig.token) private readonly config: SchedulerConfig,
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
    this.#cancelRetry?.()
    this.#cancelSilence?.()
    await this.scheduler.stop()
    if (this.#socket?.connected)
      await this.#socket
        .timeout(LEAVE_MS)
        .emitWithAck('leave')
        .catch(() => undefined)
    this.#socket?.disconnect()
  }

  /** A manager says that it leads now. Returns whether it is believed: not when a later leadership is known. */
  told({ address, leaderEpoch, addresses }: PrimaryNotice): boolean {
    if (this.#stopped || !this.#newEnough(leaderEpoch, address)) return false
    this.#announced = addresses
    if (this.#addresses.has(address) && this.#socket) return true
    this.#switchTo(address)
    return true
  }

  #connect(url: string): void {
    if (this.#stopped) return
    const socket: Manager = io(url, {
      path: MANAGERS_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_MS,
      auth: this.#hello(),
    })
    this.#socket = socket
    this.#addresses = new Set([url])
    this.watchClock.forget()
    socket.on('connect', () => this.#heard(socket))
    socket.on('shard', (message) => {
      const shard = this.#known(shardSchema, message)
      if (!shard) return
      this.#redirects = 0
      const known = this.scheduler.shard
      if (known && shard.epoch <= known.epoch) return this.logger.warn({ url, shard, known }, 'shard of no newer epoch')
      this.logger.info({ url, shard }, 'shard')
      void this.scheduler.assign(shard)
    })
    socket.on('beat', (message, answer) => {
      if (isAnswer(answer)) answer()
      this.#heard(socket)
      const beat = this.#known(managerBeatSchema, message)
      if (!beat) return
      this.#addresses.add(beat.address)
      this.watchClock.heard(beat.at, this.clock.now())
    })
    socket.on('set-managers', (message) => {
      const list = this.#known(managerListSchema, message)
      if (list && this.#newEnough(list.leaderEpoch, url)) this.#announced = list.addresses
    })
    socket.on('redirect', (message) => {
      const redirect = this.#known(redirectSchema, message)
      if (!redirect || socket !== this.#socket || this.#stopped) return
      if (!this.#newEnough(redirect.leaderEpoch, url) || ++this.#redirects > this.#managers.length)
        this.#tryNext(socket)
      else this.#switchTo(redirect.address)
    })
    socket.on('connect_error', (error) => {
      this.logger.info({ url, reason: error.message }, 'scheduler-manager not reachable')
      this.#tryNext(socket)
    })
    socket.on('disconnect', () => this.#tryNext(socket))
    // Also for the time until it answers: one that hangs takes connections and says nothing.
    this.#heard(socket)
  }

  /** The message as it should be; a manager of another version may say what this one does not know. */
  #known<T>(schema: z.ZodType<T>, message: unknown): T | undefined {
    const parsed = schema.safeParse(message)
    if (!parsed.success) this.logger.warn({ issues: parsed.error.issues }, 'unknown message of a scheduler-manager')
    return parsed.data
  }

  /** All that are known: those that the last primary told of, and those that the operator named. */
  get #managers(): readonly string[] {
    return [...new Set([...this.#announced, ...this.peers.managers])]
  }

  #hello(): SchedulerHello {
    const { schedulerId, instance } = this.identity
    const { shard } = this.scheduler
    return {
      protocol: PROTOCOL_VERSION,
      secret: this.kernel.internalSecret,
      schedulerId,
      instance,
      address: this.peers.advertisedUrl,
      ...(shard && { shard }),
    }
  }

  #newEnough(leaderEpoch: number, from: string): boolean {
    if (leaderEpoch < this.#leaderEpoch) {
      this.logger.warn({ from, leaderEpoch, known: this.#leaderEpoch }, 'refused a leadership that is over')
      return false
    }
    this.#leaderEpoch = leaderEpoch
    return true
  }

  /** The manager lives; when it says nothing for long it hangs, or is cut off. */
  #heard(socket: Manager): void {
    this.#cancelSilence?.()
    if (socket !== this.#socket || this.#stopped) return
    this.#cancelSilence = this.clock.after(this.config.managerSilenceMs, () => {
      this.logger.warn({ addresses: [...this.#addresses] }, 'the scheduler-manager is silent')
      this.#tryNext(socket)
    })
  }

  #switchTo(address: string): void {
    this.#end()
    this.#connect(address)
  }

  #tryNext(socket: Manager): void {
    if (socket !== this.#socket || this.#stopped) return
    this.#end()
    this.#attempt++
    this.#redirects = 0
    const delayMs = RETRY_MS * (1 + this.random.next())
    this.#cancelRetry = this.clock.after(delayMs, () => {
      const managers = this.#managers
      this.#connect(managers[this.#attempt % managers.length]!)
    })
  }

  #end(): void {
    this.#cancelRetry?.()
    this.#cancelSilence?.()
    const socket = this.#socket
    this.#socket = undefined
    socket?.disconnect()
  }
}
