import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common'
import {
  MANAGER_BACKUPS_PATH,
  MANAGERS_PATH,
  PROTOCOL_VERSION,
  type BackupToPrimary,
  type ManagerBeat,
  type ManagerHello,
  type ManagerList,
  type ManagerToScheduler,
  type PrimaryToBackup,
  type SchedulerToManager,
} from '@quarry/contracts'
import type { Clock } from '@quarry/domain'
import {
  CLOCK,
  KERNEL_CONFIG,
  LEADER_LEASE,
  LOGGER,
  METRICS,
  Peers,
  PEERS,
  SocketServers,
  SOCKET_SERVERS,
  type KernelConfig,
} from '@quarry/service-kit'
import type { LeaderLease, Leadership } from '@quarry/storage-port'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { HoldLeadership } from '../application/hold-leadership.ts'
import { LeadSchedulers } from '../application/lead-schedulers.ts'
import { NoticeIsolation } from '../application/notice-isolation.ts'
import { tellSchedulers } from '../http/tell-schedulers.ts'
import { ManagerMetrics } from '../manager-metrics.ts'
import { schedulerManagerConfig, type SchedulerManagerConfig } from '../scheduler-manager.config.ts'
import { BackupSockets } from './backup-sockets.ts'
import { PrimaryConnection } from './primary-connection.ts'
import { SchedulerSockets, type Connected } from './scheduler-sockets.ts'

const SETTLE_MS = 50

/**
 * One manager of many. The primary gives every scheduler its shard and tells its backups of them; a backup follows it and
 * names it to schedulers who ask. Which of the two this one is, the lease says.
 */
@Injectable()
export class ManagersGateway implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #instance = randomUUID().slice(0, 8)
  readonly #managerId: string
  readonly #leadership: HoldLeadership
  readonly #schedulers: LeadSchedulers
  readonly #schedulerSockets: SchedulerSockets
  readonly #backups: BackupSockets
  readonly #primary: PrimaryConnection
  readonly #isolation: NoticeIsolation
  readonly #metrics: ManagerMetrics
  /** The leadership that this manager acts on as primary. */
  #leads: Leadership | undefined

  constructor(
    @Inject(SOCKET_SERVERS) private readonly servers: SocketServers,
    @Inject(LEADER_LEASE) lease: LeaderLease,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PEERS) private readonly peers: Peers,
    @Inject(KERNEL_CONFIG) private readonly kernel: KernelConfig,
    @Inject(schedulerManagerConfig.token) config: SchedulerManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) metrics: Registry,
  ) {
    this.#managerId = config.managerId ?? this.#instance
    const beats = { everyMs: config.renewMs, silenceMs: config.takeOverMs }
    const onError = (err: unknown) => logger.warn({ err }, 'the lease could not be read or renewed')
    this.#leadership = new HoldLeadership({ lease, clock, onError }, config)
    this.#schedulers = new LeadSchedulers(
      {
        clock,
        events: {
          shard: (memberId, shard) => this.#schedulerSockets.shard(memberId, shard),
          changed: (change, member) => {
            if (this.#leads) this.#backups.member({ leaderEpoch: this.#leads.epoch, change, member })
          },
        },
      },
      { settleMs: SETTLE_MS, rejoinMs: config.renewMs, gatherMs: config.takeOverMs },
    )
    this.#schedulerSockets = new SchedulerSockets(
      {
        clock,
        logger,
        events: {
          arrived: (connected) => void this.#arrived(connected),
          lost: (memberId) => {
            this.#schedulers.lost(memberId)
            this.#countConnected()
          },
          left: (memberId) => {
            if (this.#leads) this.#schedulers.left(memberId)
          },
          duplicate: () => this.#metrics.duplicate('scheduler'),
        },
      },
      beats,
    )
    this.#backups = new BackupSockets(
      {
        clock,
        logger,
        events: {
          init: () => {
            const managers = this.#managers()
            return managers && { ...managers, members: [...this.#schedulers.members] }
          },
          changed: () => {
            this.#tellManagers()
            this.#countConnected()
          },
          duplicate: () => this.#metrics.duplicate('manager'),
        },
      },
      beats,
    )
    this.#primary = new PrimaryConnection({ clock, logger, hello: () => this.#hello(), events: this.#follows() }, beats)
    this.#isolation = new NoticeIsolation(clock, config.takeOverMs, () => {
      logger.warn('no scheduler and no backup can be reached any more; another manager may lead')
      this.#leadership.abstain()
    })
    this.#metrics = new ManagerMetrics(metrics, {
      leads: () => this.#leads !== undefined,
      leaderEpoch: () => this.#leadership.primary?.epoch ?? 0,
      shardEpoch: () => this.#schedulers.epoch,
      members: () => this.#schedulers.members.length,
      backups: () => this.#backups.addresses.length,
    })
  }

  onModuleInit(): void {
    const secret = this.kernel.internalSecret
    const beat = () => this.#beat()
    this.#schedulerSockets.serve(this.servers.open<SchedulerToManager, ManagerToScheduler>(MANAGERS_PATH), {
      secret,
      beat,
    })
    this.#backups.serve(this.servers.open<BackupToPrimary, PrimaryToBackup>(MANAGER_BACKUPS_PATH), {
      secret,
      beat,
      managerId: this.#managerId,
    })
  }

  onApplicationBootstrap(): void {
    this.peers.whenListening(() => {
      const me = { holder: `${this.#managerId}~${this.#instance}`, address: this.peers.advertisedUrl }
      void this.#leadership.start(me, () => this.#leadershipChanged())
    })
  }

  async beforeApplicationShutdown(): Promise<void> {
    const leads = this.#leads
    this.#leads = undefined
    this.#isolation.forget()
    this.#leadership.stop()
    this.#schedulers.stepDown()
    if (leads) await this.#backups.resign({ leaderEpoch: leads.epoch })
    this.#schedulerSockets.stop()
    this.#backups.stop()
    this.#primary.follow(undefined)
  }

  /** What a backup does with what the primary tells it. */
  #follows(): ConstructorParameters<typeof PrimaryConnection>[0]['events'] {
    return {
      init: ({ members }) => {
        if (!this.#leads) this.#schedulers.learn(members)
      },
      member: ({ change, member }) => {
        if (!this.#leads) this.#schedulers.learnChange(change, member)
      },
      managers: (addresses) => this.logger.info({ addresses }, 'managers'),
      resigned: (leaderEpoch) => {
        this.logger.info({ leaderEpoch }, 'the primary resigned')
        this.#leadership.resigned(leaderEpoch)
      },
    }
  }

  async #arrived({ member, shard }: Connected): Promise<void> {
    if (!this.#leads) return this.#redirect()
    if (shard && shard.epoch > this.#schedulers.epoch) {
      // Either this primary is one no more, or the lease lost its memory; only the store can tell.
      const confirmed = await this.#leadership.confirm().catch(() => false)
      this.logger.warn({ member, shard, confirmed }, 'a scheduler acts on an epoch that this primary never gave')
      if (confirmed) this.#schedulers.raiseTo(shard.epoch)
    }
    // It may have gone meanwhile, or the leadership.
    const still = this.#schedulerSockets.connected.some(({ member: { memberId } }) => memberId === member.memberId)
    if (!this.#leads || !still) return
    this.#schedulers.arrived(member, shard)
    this.#tellManagers()
    this.#countConnected()
  }

  #leadershipChanged(): void {
    const { held, primary } = this.#leadership
    this.logger.info(
      { primary: held !== undefined, epoch: primary?.epoch, address: primary?.address },
      'leadership changed',
    )
    if (!held && primary?.address === this.peers.advertisedUrl && this.#leads && primary.epoch > this.#leads.epoch)
      this.logger.error(primary, 'another manager announces the address of this one: set QUARRY_ADVERTISED_URL')
    if (this.#leads && held?.epoch !== this.#leads.epoch) this.#stepDown()
    if (held && !this.#leads) this.#lead(held)
    if (!held) {
      this.#primary.follow(this.#elsewhere())
      this.#redirect()
    }
  }

  #lead(held: Leadership): void {
    this.#leads = held
    this.#metrics.becamePrimary()
    this.#primary.follow(undefined)
    const learnt = this.#schedulers.members
    this.#schedulers.lead(held.epoch)
    for (const connected of this.#schedulerSockets.connected) void this.#arrived(connected)
    const notice = { v: 1 as const, ...this.#list(held), address: this.peers.advertisedUrl }
    void tellSchedulers(learnt, notice, { secret: this.kernel.internalSecret, logger: this.logger })
  }

  #stepDown(): void {
    this.#leads = undefined
    this.#isolation.forget()
    this.#schedulers.stepDown()
    this.#backups.dismiss()
  }

  #countConnected(): void {
    if (this.#leads) this.#isolation.connected(this.#backups.addresses.length, this.#schedulerSockets.connected.length)
  }

  /** Names the primary to the schedulers who are here; a lease of our own that we could not renew names nobody. */
  #redirect(): void {
    const primary = this.#elsewhere()
    if (primary) this.#schedulerSockets.redirect({ address: primary.address, leaderEpoch: primary.epoch })
  }

  #elsewhere(): Leadership | undefined {
    const { primary } = this.#leadership
    return primary?.address === this.peers.advertisedUrl ? undefined : primary
  }

  #managers(): (ManagerList & { addresses: string[] }) | undefined {
    return this.#leads && this.#list(this.#leads)
  }

  /** Every manager that this primary knows of, itself first. */
  #list({ epoch }: Leadership): ManagerList & { addresses: string[] } {
    const others = this.#backups.addresses.filter((address) => address !== this.peers.advertisedUrl)
    return { leaderEpoch: epoch, addresses: [this.peers.advertisedUrl, ...others] }
  }

  #tellManagers(): void {
    const managers = this.#managers()
    if (!managers) return
    this.#backups.setBackups(managers)
    this.#schedulerSockets.setManagers(managers)
  }

  #beat(): ManagerBeat {
    const leaderEpoch = this.#leadership.primary?.epoch ?? 0
    return { leaderEpoch, address: this.peers.advertisedUrl, at: this.clock.now() }
  }

  #hello(): ManagerHello {
    return {
      protocol: PROTOCOL_VERSION,
      secret: this.kernel.internalSecret,
      managerId: this.#managerId,
      instance: this.#instance,
      address: this.peers.advertisedUrl,
    }
  }
}
