import { openClusterPorts, workspaceRoot, type ClusterPorts } from '@quarry/testkit'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CuttableProxy } from '../cuttable-proxy.ts'

const run = promisify(execFile)

/** The engines that services need. */
export const serviceEngines = ['cassandra', 'redis', 'rabbitmq'] as const
export type ServiceEngine = (typeof serviceEngines)[number]

/** A node of Cassandra that a test may end. */
interface OwnCassandra {
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  readonly log: string
  start(): Promise<void>
}

interface RunningEngines {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly engines: {
    readonly rabbitmq: { readonly ports: { readonly mapper: number } }
    readonly cassandra?: OwnCassandra
  }
  stop(): Promise<void>
}

/** As much of the project's own tool as is needed here. */
interface EnginesTool {
  prepareEngines(what: { engines: readonly ['rabbitmq'] }): Promise<{ prepared: { rabbitmq: { server: string } } }>
  startEngines(what: {
    engines: readonly ServiceEngine[]
    options: { cassandra: { heap: string } }
  }): Promise<RunningEngines>
}

/** Engines that a test may fill, block and cut off: services reach each through a proxy of its own. */
export class OwnEngines {
  readonly ports: ClusterPorts
  /** For the services' environment. */
  readonly env: Readonly<Record<string, string>>
  readonly proxies: Readonly<Record<ServiceEngine, CuttableProxy>>
  /** RabbitMQ itself, for tests that send raw messages. */
  readonly rabbitUrl: string
  readonly #running: RunningEngines
  readonly #rabbitTool: string

  private constructor(parts: Pick<OwnEngines, 'ports' | 'env' | 'proxies'>, running: RunningEngines, tool: string) {
    this.ports = parts.ports
    this.env = parts.env
    this.proxies = parts.proxies
    this.#running = running
    this.#rabbitTool = tool
    this.rabbitUrl = running.env.QUARRY_RABBITMQ!
  }

  /** Cassandra is the one that the environment names, if any, unless the test is going to harm it. */
  static async start({ harmsCassandra = false } = {}): Promise<OwnEngines> {
    const given = harmsCassandra ? undefined : process.env.QUARRY_CASSANDRA
    const own = serviceEngines.filter((name) => name !== 'cassandra' || !given)
    const path = join(workspaceRoot(), 'tools', 'engines', 'start.mjs')
    const { prepareEngines, startEngines } = (await import(/* @vite-ignore */ path)) as EnginesTool
    const { prepared } = await prepareEngines({ engines: ['rabbitmq'] })
    const running = await startEngines({ engines: own, options: { cassandra: { heap: '512m' } } })
    const [cassandra, redis, rabbitmq] = [given || running.env.QUARRY_CASSANDRA!, ...urlsOf(running)]
    const ports = await openClusterPorts({ cassandra, redis, rabbitmq })
    const proxies = {
      cassandra: await proxyTo(cassandra.split(':').at(-1)!),
      redis: await proxyTo(new URL(redis).port),
      rabbitmq: await proxyTo(new URL(rabbitmq).port),
    }
    const at = (name: ServiceEngine) => new URL(proxies[name].url).host
    const env = {
      QUARRY_ENV: 'test',
      QUARRY_PORT: '0',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_HOST_GAPS: 'default=0',
      ...ports.env,
      QUARRY_CASSANDRA: at('cassandra'),
      QUARRY_REDIS: `redis://${at('redis')}`,
      QUARRY_RABBITMQ: `amqp://guest:guest@${at('rabbitmq')}`,
    }
    const tool = join(dirname(prepared.rabbitmq.server), 'rabbitmqctl')
    return new OwnEngines({ ports, env, proxies }, running, tool)
  }

  /** Runs one command of Redis, given as one line, and throws its error. */
  async redis(command: string): Promise<void> {
    const socket = connect(Number(new URL(this.#running.env.QUARRY_REDIS!).port), '127.0.0.1')
    socket.end(`${command}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    if (answer[0] === '-'.charCodeAt(0)) throw new Error(answer.toString())
  }

  /** From now on RabbitMQ says that its disk is full when less than so much is free. */
  async rabbitNeedsFree(amount: string): Promise<void> {
    const folder = join(this.#running.folder, 'rabbitmq')
    const mapper = String(this.#running.engines.rabbitmq.ports.mapper)
    const env = { ...process.env, HOME: join(folder, 'home'), ERL_EPMD_PORT: mapper }
    await run(this.#rabbitTool, ['-n', 'quarry@localhost', 'set_disk_free_limit', amount], { env })
  }

  /**
   * From now on Cassandra can write no file beyond 64 KiB, which is to it what a full disk is: the system refuses. A node
   * that is started later can again.
   */
  async cassandraDiskIsFull(): Promise<void> {
    await run('prlimit', ['--pid', String(this.#cassandra.pid), '--fsize=65536:unlimited'])
  }

  get cassandraRuns(): boolean {
    return this.#cassandra.pid !== undefined
  }

  /** What Cassandra has logged. */
  cassandraLog(): string {
    return readFileSync(this.#cassandra.log, 'utf8')
  }

  /** As the restart policy of a container does. */
  async startCassandraAgain(): Promise<void> {
    await this.#cassandra.start()
  }

  get #cassandra(): OwnCassandra {
    const { cassandra } = this.#running.engines
    if (cassandra === undefined) throw new Error('This Cassandra is not ours to harm.')
    return cassandra
  }

  async stop(): Promise<void> {
    await this.ports.close()
    for (const proxy of Object.values(this.proxies)) proxy.close()
    await this.#running.stop()
  }
}

function urlsOf({ env }: RunningEngines): [redis: string, rabbitmq: string] {
  return [env.QUARRY_REDIS!, env.QUARRY_RABBITMQ!]
}

async function proxyTo(port: string): Promise<CuttableProxy> {
  const proxy = await CuttableProxy.open()
  proxy.targetPort = Number(port)
  return proxy
}
