import { Inject, Module, type OnModuleDestroy, type OnModuleInit, type Provider } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { JobQueue, LiveEvents, Presence, ResultBus } from '@quarry/messaging-port'
import {
  CLOCK,
  DenyListWatch,
  InternalCalls,
  JOB_QUEUE,
  KERNEL_CONFIG,
  LIVE_EVENTS,
  LOGGER,
  METRICS,
  PEERS,
  PRESENCE,
  RESULT_BUS,
  type KernelConfig,
  type Peers,
} from '@quarry/service-kit'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { AcceptSubmissions } from './application/accept-submissions.ts'
import { DispatchJobs } from './application/dispatch-jobs.ts'
import { HeldLeases } from './application/held-leases.ts'
import { RefuseDenied } from './application/refuse-denied.ts'
import { ReapJobs } from './application/reap-jobs.ts'
import { ServeMiners } from './application/serve-miners.ts'
import { TellPresence } from './application/tell-presence.ts'
import { VerifyBodies } from './application/verify-bodies.ts'
import { miningServerConfig, type MiningServerConfig } from './mining-server.config.ts'
import { SERVER_ID } from './server-id.ts'
import { MiningGateway } from './socket/mining.gateway.ts'
import { VerdictMetrics } from './verdict-metrics.ts'

/** A miner's time is over two rounds before its lease, so that this server can say in time who had the job. */
function overdueMs({ reapMs, leaseMs }: MiningServerConfig): number {
  return Math.min(2 * reapMs, leaseMs)
}

const providers: Provider[] = [
  HeldLeases,
  {
    provide: VerifyBodies,
    inject: [miningServerConfig.token],
    useFactory: ({ maxBodyBytes }: MiningServerConfig) => new VerifyBodies(maxBodyBytes),
  },
  { provide: SERVER_ID, useFactory: () => randomUUID() },
  {
    provide: DenyListWatch,
    inject: [PEERS, KERNEL_CONFIG, LIVE_EVENTS, CLOCK, LOGGER],
    useFactory: (peers: Peers, { internalSecret }: KernelConfig, live: LiveEvents, clock: Clock, logger: Logger) => {
      const calls = new InternalCalls('auth', () => peers.auths, internalSecret)
      return new DenyListWatch({
        read: async () => (await calls.post<{ patterns: string[] }>('/internal/deny-list', {})).patterns,
        live,
        clock,
        onError: (err) => logger.warn({ err }, 'the deny-list could not be read; the last one counts'),
      })
    },
  },
  {
    provide: RefuseDenied,
    inject: [JOB_QUEUE, RESULT_BUS, CLOCK, DenyListWatch, LOGGER],
    useFactory: (queue: JobQueue, bus: ResultBus, clock: Clock, denied: DenyListWatch, logger: Logger) =>
      new RefuseDenied({
        queue,
        bus,
        clock,
        patternFor: (host) => denied.patternFor(host),
        onError: (err) => logger.warn({ err }, 'denied jobs could not be settled; their leases run out'),
      }),
  },
  {
    provide: DispatchJobs,
    inject: [JOB_QUEUE, CLOCK, HeldLeases, LIVE_EVENTS, RefuseDenied, LOGGER, SERVER_ID, miningServerConfig.token],
    useFactory: (
      queue: JobQueue,
      clock: Clock,
      held: HeldLeases,
      live: LiveEvents,
      refuse: RefuseDenied,
      logger: Logger,
      server: string,
      config: MiningServerConfig,
    ) =>
      new DispatchJobs(
        { queue, clock, held, live, refuse, onError: (err) => logger.error({ err }, 'claiming failed') },
        { server, ...config, overdueMs: overdueMs(config) },
      ),
  },
  {
    provide: ServeMiners,
    inject: [JOB_QUEUE, CLOCK, HeldLeases, DispatchJobs, miningServerConfig.token],
    useFactory: (queue: JobQueue, clock: Clock, held: HeldLeases, dispatch: DispatchJobs, config: MiningServerConfig) =>
      new ServeMiners({ queue, clock, held, dispatch }, { overdueMs: overdueMs(config) }),
  },
  {
    provide: AcceptSubmissions,
    inject: [JOB_QUEUE, RESULT_BUS, CLOCK, HeldLeases, VerifyBodies, LOGGER, miningServerConfig.token],
    useFactory: (
      queue: JobQueue,
      bus: ResultBus,
      clock: Clock,
      held: HeldLeases,
      verify: VerifyBodies,
      logger: Logger,
      { leaseMs }: MiningServerConfig,
    ) => {
      const onError = (err: unknown) => logger.warn({ err }, 'results could not be handed on; their miners keep them')
      return new AcceptSubmissions({ queue, bus, clock, held, verify, onError }, { leaseMs })
    },
  },
  {
    provide: ReapJobs,
    inject: [JOB_QUEUE, RESULT_BUS, CLOCK, SERVER_ID, miningServerConfig.token],
    useFactory: (queue: JobQueue, bus: ResultBus, clock: Clock, server: string, { leaseMs }: MiningServerConfig) =>
      new ReapJobs({ queue, bus, clock }, { server, leaseMs }),
  },
  {
    provide: TellPresence,
    inject: [PRESENCE, LIVE_EVENTS, JOB_QUEUE, CLOCK, LOGGER],
    useFactory: (...[presence, live, queue, clock, logger]: [Presence, LiveEvents, JobQueue, Clock, Logger]) => {
      const onError = (err: unknown) => logger.warn({ err }, 'who is connected could not be told')
      return new TellPresence({ presence, live, queue, clock, onError })
    },
  },
  {
    provide: VerdictMetrics,
    inject: [METRICS, LOGGER],
    useFactory: (metrics: Registry, logger: Logger) => new VerdictMetrics(metrics, logger),
  },
  {
    provide: 'miners-gauge',
    inject: [METRICS, ServeMiners, HeldLeases],
    useFactory: (metrics: Registry, miners: ServeMiners, held: HeldLeases) => [
      new Gauge({
        name: 'quarry_connected_miners',
        help: 'Miners connected to this server',
        registers: [metrics],
        collect() {
          this.set(miners.count)
        },
      }),
      new Gauge({
        name: 'quarry_held_leases',
        help: 'Leases handed to miners by this server',
        registers: [metrics],
        collect() {
          this.set(held.size)
        },
      }),
    ],
  },
  MiningGateway,
]

@Module({ providers })
export class MiningServerModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    @Inject(DenyListWatch) private readonly denied: DenyListWatch,
    @Inject(PEERS) private readonly peers: Peers,
  ) {}

  /** Auth may be this very process, which answers once it listens. */
  onModuleInit(): void {
    this.peers.whenListening(() => this.denied.start())
  }

  onModuleDestroy(): void {
    this.denied.stop()
  }
}
