import { StandardSchemaValidationPipe, type DynamicModule, type Provider } from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_PIPE, HttpAdapterHost } from '@nestjs/core'
import type { z } from 'zod'
import type { Server as HttpServer } from 'node:http'
import type { Mailer } from '@quarry/mail-port'
import { pino, type Logger } from 'pino'
import { collectDefaultMetrics, type Registry } from 'prom-client'
import type { KernelConfig } from './config/kernel-config.ts'
import type { OpenedEngines } from './engines/engines.ts'
import { ErrorFilter } from './http/error-filter.ts'
import { HealthController } from './http/health.controller.ts'
import { HttpAccountService } from './http/http-account-service.ts'
import { HttpCoinService } from './http/http-coin-service.ts'
import { invalidInput } from './http/problems.ts'
import { AccessTokens } from './identity/access-tokens.ts'
import { EndedAccess } from './identity/ended-access.ts'
import { AccessGuard } from './identity/require-scope.ts'
import { Peers } from './peers.ts'
import { Readiness } from './readiness.ts'
import { SocketServers } from './sockets/socket-servers.ts'
import { systemClock, systemRandom } from './system-clock.ts'
import * as tokens from './tokens.ts'

/** What `KernelModule.with` is built from. */
export interface KernelParts {
  readonly services: readonly string[]
  readonly config: KernelConfig
  readonly engines: OpenedEngines
  readonly mailer: Mailer
  readonly logger: Logger
  readonly metrics: Registry
  readonly settings: readonly Provider[]
}

/** Everything that each service may have injected, by the tokens of `tokens.ts`. */
export class KernelModule {
  static with({ services, config, engines, mailer, logger, metrics, settings }: KernelParts): DynamicModule {
    collectDefaultMetrics({ register: metrics })
    const peers = new Peers(config)
    const readiness = new Readiness(services.join('+'))
    for (const [name, check] of Object.entries(engines.checks)) readiness.add(name, check)
    const values: Provider[] = (
      [
        [tokens.KERNEL_CONFIG, config],
        [tokens.CLOCK, systemClock],
        [tokens.RANDOM, systemRandom],
        [tokens.LOGGER, logger],
        [tokens.METRICS, metrics],
        [tokens.PEERS, peers],
        [tokens.READINESS, readiness],
        [tokens.USER_STORE, engines.users],
        [tokens.ORDER_STORE, engines.orders],
        [tokens.SCHEDULE_STORE, engines.schedule],
        [tokens.LEDGER_STORE, engines.ledger],
        [tokens.RESULT_STORE, engines.results],
        [tokens.OPERATOR_STORE, engines.operator],
        [tokens.LEADER_LEASE, engines.leases],
        [tokens.NOTIFICATION_STORE, engines.notifications],
        [tokens.TEST_FETCH_STORE, engines.testFetches],
        [tokens.JOB_QUEUE, engines.jobs],
        [tokens.RESULT_BUS, engines.bus],
        [tokens.LIVE_EVENTS, engines.live],
        [tokens.PRESENCE, engines.presence],
        [tokens.PEOPLE_STORE, engines.people],
        [tokens.MAILER, mailer],
        [
          tokens.ACCESS_TOKENS,
          new AccessTokens(() => peers.auth, { ended: new EndedAccess(engines.live, systemClock) }),
        ],
      ] as const
    )
      // What a service did not ask for is not there to be injected.
      .filter(([, useValue]) => useValue !== undefined)
      .map(([provide, useValue]) => ({ provide, useValue }))
    const providers: Provider[] = [
      ...values,
      ...settings,
      {
        provide: tokens.SOCKET_SERVERS,
        inject: [HttpAdapterHost],
        useFactory: ({ httpAdapter }: HttpAdapterHost) =>
          new SocketServers(() => httpAdapter.getHttpServer() as HttpServer, config.publicUrl),
      },
    ]
    const remote: Provider[] = []
    if (!services.includes('coin'))
      remote.push({ provide: tokens.COIN_SERVICE, useValue: new HttpCoinService(peers, config.internalSecret) })
    if (!services.includes('auth'))
      remote.push({ provide: tokens.ACCOUNT_SERVICE, useValue: new HttpAccountService(peers, config.internalSecret) })
    return {
      module: KernelModule,
      global: true,
      controllers: [HealthController],
      providers: [
        ...providers,
        ...remote,
        { provide: APP_FILTER, useValue: new ErrorFilter(logger) },
        { provide: APP_GUARD, useClass: AccessGuard },
        {
          provide: APP_PIPE,
          useValue: new StandardSchemaValidationPipe({
            exceptionFactory: (issues) => invalidInput(issues as readonly Pick<z.core.$ZodIssue, 'message' | 'path'>[]),
          }),
        },
      ],
      exports: [...providers, ...remote].map((provider) => (provider as { provide: symbol }).provide),
    }
  }
}

/** Structured logs on stderr, with whatever could be a secret blotted out. */
export function createLogger(config: Pick<KernelConfig, 'logLevel'>, service: string): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { service },
      redact: {
        paths: ['*.token', '*.password', '*.code', '*.secret', 'req.headers.authorization', 'req.headers.cookie'],
        censor: '…',
      },
    },
    pino.destination(2),
  )
}
