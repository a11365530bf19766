import { Unavailable } from '@quarry/domain'
import fastifyCookie from '@fastify/cookie'
import { Module, type DynamicModule, type LoggerService, type Type } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import 'reflect-metadata'
import { kernelConfig, type KernelConfig } from './config/kernel-config.ts'
import { mailConfig, type MailConfig } from './config/mail-config.ts'
import { ConfigError, readAll, type ConfigDefinition, type Environment } from './config/settings.ts'
import type { EngineNeed, Engines, OpenedEngines } from './engines/engines.ts'
import { openEngines } from './engines/open-engines.ts'
import { sendError } from './http/error-filter.ts'
import { readForms } from './http/form-bodies.ts'
import { toCodedError } from './http/problems.ts'
import { createLogger, KernelModule } from './kernel.module.ts'
import { openMailer } from './mail/open-mailer.ts'
import type { Peers } from './peers.ts'
import type { Readiness } from './readiness.ts'
import type { SocketServers } from './sockets/socket-servers.ts'
import { systemClock } from './system-clock.ts'
import { PEERS, READINESS, SOCKET_SERVERS } from './tokens.ts'

/** A service as it can be started alone or with others. */
export interface ServiceDefinition {
  readonly name: string
  readonly module: Type | DynamicModule
  readonly config?: ConfigDefinition<unknown>
  /** The engines that it works with; a process of a cluster opens no other. */
  readonly needs: readonly EngineNeed[]
}

export interface RunningServices {
  readonly url: string
  readonly app: NestFastifyApplication
  /** On one machine all of them, in a cluster those that the services need. */
  readonly engines: Engines
  readonly logger: Logger
  /** Drains and ends everything; resolves when the stores are closed. Calling it again waits for the same end. */
  stop(): Promise<void>
}

export interface StartOptions {
  readonly env: Environment
  /** Called with the application before it listens, for what only the whole process needs (static files). */
  readonly prepare?: (app: NestFastifyApplication) => Promise<void>
}

const BODY_LIMIT_BYTES = 1024 * 1024

/** Starts the services in this process on one port. Throws `ConfigError` with what the operator has to mend. */
export async function startServices(
  services: readonly ServiceDefinition[],
  options: StartOptions,
): Promise<RunningServices> {
  const definitions = services.flatMap((service) => service.config ?? [])
  const [kernelValues, mailValues, ...values] = readAll([kernelConfig, mailConfig, ...definitions], options.env)
  const config = kernelValues as KernelConfig
  const settings = definitions.map(({ token }, index) => ({ provide: token, useValue: values[index] }))
  const name = services.map((service) => service.name).join('+')
  const logger = createLogger(config, services.length > 2 ? 'standalone' : name)
  const metrics = new Registry()
  const mailer = await openMailer(mailValues as MailConfig, logger)
  const engines = await openEngines(
    config,
    services.flatMap((service) => service.needs),
    { env: options.env, clock: systemClock, logger, metrics },
  )
  let app: NestFastifyApplication | undefined
  try {
    const kernel = KernelModule.with({
      services: services.map((service) => service.name),
      config,
      engines,
      mailer,
      logger,
      metrics,
      settings,
    })
    app = await createApp([kernel, ...services.map((service) => service.module)], config, logger)
    if (services.some(({ name }) => name === 'backend' || name === 'auth')) {
      const { serveOpenApi } = await import('./http/open-api.ts')
      serveOpenApi(app)
    }
    await options.prepare?.(app)
    const url = await listen(app, config)
    logger.info({ url }, 'listening')
    return { url, app, engines: engines as Engines, logger, stop: stopper({ app, engines, logger }, config.drainMs) }
  } catch (error) {
    if (app)
      await within(
        config.drainMs,
        app.close().catch(() => undefined),
      )
    await engines.close()
    throw error
  }
}

async function createApp(
  modules: (Type | DynamicModule)[],
  config: KernelConfig,
  logger: Logger,
): Promise<NestFastifyApplication> {
  class Root {}
  Module({ imports: modules })(Root)
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: config.trustProxy,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    // Before any route is found, so that no filter sees it.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendError(reply, toCodedError(error), request.id),
  })
  const app = await NestFactory.create<NestFastifyApplication>(Root, adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  })
  // JSON only: a form of another site must not become a request of ours.
  adapter.getInstance().removeContentTypeParser('text/plain')
  readForms(adapter.getInstance())
  await app.register(fastifyCookie)
  adapter.getInstance().addHook('onSend', async (request, reply) => {
    reply
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
    if (!reply.hasHeader('content-security-policy'))
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  // The HTTP server ends when its last connection has, and those of sockets do not end by themselves.
  adapter.getInstance().addHook('preClose', () => app.get<SocketServers>(SOCKET_SERVERS).close())
  return app
}

const listenProblems: Readonly<Record<string, (config: KernelConfig) => string>> = {
  EADDRINUSE: ({ port, host }) => `Port ${port} on ${host} is in use; choose another by QUARRY_PORT or --port.`,
  EACCES: ({ port }) => `This user may not listen on port ${port}; choose one above 1023 by QUARRY_PORT or --port.`,
  EADDRNOTAVAIL: ({ host }) => `${host} is not an address of this machine; choose another by QUARRY_HOST or --host.`,
  ENOTFOUND: ({ host }) => `${host} is not an address of this machine; choose another by QUARRY_HOST or --host.`,
}

async function listen(app: NestFastifyApplication, config: KernelConfig): Promise<string> {
  const peers = app.get<Peers>(PEERS)
  const http = app.getHttpServer()
  http.once('listening', () => peers.listening(`http://${reachable(http.address() as AddressInfo)}`))
  try {
    await app.listen(config.port, config.host)
  } catch (error) {
    const problem = listenProblems[(error as NodeJS.ErrnoException).code ?? '']
    throw problem === undefined ? error : new ConfigError(problem(config), { cause: error })
  }
  return peers.ownUrl
}

function reachable({ address, port, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `127.0.0.1:${port}`
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * Ends everything in order: services let their peers finish, connections end, consumers finish what they have in hand,
 * stores close. Whatever is not done after `drainMs` is cut off; nothing depends on it being done.
 */
function stopper(
  { app, engines, logger }: Pick<RunningServices, 'app' | 'logger'> & { readonly engines: OpenedEngines },
  drainMs: number,
): () => Promise<void> {
  let stopping: Promise<void> | undefined
  const stop = async () => {
    app.get<Readiness>(READINESS).drain()
    const closing = app.close().catch((err: unknown) => logger.error({ err }, 'shutting down failed in part'))
    const done = await within(drainMs, closing)
    if (!done) logger.warn({ drainMs }, 'not everything was finished in time')
    await engines.close()
    if (done) return
    app.getHttpServer().close().closeAllConnections()
    await app.get<SocketServers>(SOCKET_SERVERS).close()
  }
  return () => (stopping ??= stop())
}

/** Whether the promise was fulfilled in this time. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  const done = await Promise.race([promise.then(() => true), late])
  timer.abort()
  return done
}

function nestLogger(logger: Logger): LoggerService {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: unknown, ...context: unknown[]) => {
      logger[level]({ context: context.at(-1) }, String(message))
    }
  return { log: line('debug'), error: line('error'), warn: line('warn'), debug: line('debug'), verbose: line('debug') }
}

const ending = ['SIGINT', 'SIGTERM'] as const

/** The whole of a service's `main.ts`: runs until a signal, then drains. Exit codes: 0, 1 failure, 2 configuration. */
export async function runService(...services: ServiceDefinition[]): Promise<void> {
  // An engine may be waited for, for long: nothing is in hand then. As the first process of a container, one that does
  // not listen to signals could only be killed.
  const endAtOnce = () => process.exit(0)
  for (const signal of ending) process.once(signal, endAtOnce)
  try {
    const running = await startServices(services, { env: process.env })
    for (const signal of ending) {
      process.off(signal, endAtOnce)
      process.once(signal, () => {
        running.logger.info({ signal }, 'draining')
        running.stop().then(
          () => process.exit(0),
          (error: unknown) => fail(error),
        )
      })
    }
  } catch (error) {
    fail(error)
  }
}

/** Runs a command of a service's `main.ts` to its end; it gives its exit code, or throws `ConfigError` for 2. */
export async function runCommand(
  command: (env: Environment, output: NodeJS.WriteStream) => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await command(process.env, process.stdout)
  } catch (error) {
    fail(error)
  }
}

function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof Unavailable
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(error instanceof ConfigError ? 2 : 1)
}
