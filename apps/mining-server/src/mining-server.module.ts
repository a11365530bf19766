import { Module, type Provider } from '@nestjs/common'
import type { Clock } from '@quarry/domain'
import type { JobQueue, ResultBus } from '@quarry/messaging-port'
import { CLOCK, JOB_QUEUE, LOGGER, METRICS, RESULT_BUS } from '@quarry/service-kit'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import { AcceptSubmissions } from './application/accept-submissions.ts'
import { DispatchJobs } from './application/dispatch-jobs.ts'
import { HeldLeases } from './application/held-leases.ts'
import { ReapJobs } from './application/reap-jobs.ts'
import { ServeMiners } from './application/serve-miners.ts'
import { VerifyBodies } from './application/verify-bodies.ts'
import { miningServerConfig, type MiningServerConfig } from './mining-server.config.ts'
import { MiningGateway } from './socket/mining.gateway.ts'

const SERVER_ID = Symbol('MiningServerId')

const providers: Provider[] = [
  HeldLeases,
  VerifyBodies,
  { provide: SERVER_ID, useFactory: () => randomUUID() },
  {
    provide: DispatchJobs,
    inject: [JOB_QUEUE, CLOCK, HeldLeases, LOGGER, SERVER_ID, miningServerConfig.token],
    useFactory: (queue: JobQueue, clock: Clock, held: HeldLeases, logger: Logger, server: string, config: MiningServerConfig) =>
      new DispatchJobs({ queue, clock, held, onError: (err) => logger.error({ err }, 'claiming failed') }, { server, ...config }),
  },
  {
    provide: ServeMiners,
    inject: [JOB_QUEUE, CLOCK, HeldLeases, DispatchJobs],
    useFactory: (queue: JobQueue, clock: Clock, held: HeldLeases, dispatch: DispatchJobs) =>
      new ServeMiners({ queue, clock, held, dispatch }),
  },
  {
    provide: AcceptSubmissions,
    inject: [JOB_QUEUE, RESULT_BUS, CLOCK, HeldLeases, VerifyBodies],
    useFactory: (queue: JobQueue, bus: ResultBus, clock: Clock, held: HeldLeases, verify: VerifyBodies) =>
      new AcceptSubmissions({ queue, bus, clock, held, verify }),
  },
  {
    provide: ReapJobs,
    inject: [JOB_QUEUE, RESULT_BUS, CLOCK, SERVER_ID, miningServerConfig.token],
    useFactory: (queue: JobQueue, bus: ResultBus, clock: Clock, server: string, { leaseMs }: MiningServerConfig) =>
      new ReapJobs({ queue, bus, clock }, { server, leaseMs }),
  },
  {
    provide: 'miners-gauge',
    inject: [METRICS, ServeMiners, HeldLeases],
    useFactory: (metrics: Registry, miners: ServeMiners, held: HeldLeases) => [
      new Gauge({
        name: 'quarry_connected_miners', help: 'Miners connected to this server', registers: [metrics],
        collect() { this.set(miners.sessions.size) },
      }),
      new Gauge({
        name: 'quarry_held_leases', help: 'Leases handed to miners by this server', registers: [metrics],
        collect() { this.set(held.size) },
      }),
    ],
  },
  MiningGateway,
]

@Module({ providers })
export class MiningServerModule {}
