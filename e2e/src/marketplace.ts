import type { OrderView, PlaceOrderInput } from '@quarry/contracts'
import type { RunResult } from '@quarry/domain'
import { ApiClient, AppProcess, ClusterProcess, StandaloneProcess, waitUntil } from '@quarry/testkit'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LOOPBACK = ['--allow-address', '127.0.0.1/32']
/** Far longer than anything here takes on a quiet machine. */
const PATIENCE_MS = 150_000

/** One process of each service: enough where it is engines that suffer. */
export const oneOfEach = {
  auth: 1,
  backend: 1,
  coin: 1,
  'scheduler-manager': 1,
  scheduler: 1,
  'mining-server': 1,
  'result-server': 1,
  web: 1,
}

/** A marketplace to test, with clients that can be started, killed and started again, and a folder of their own. */
export class Marketplace {
  readonly folder: string
  readonly #env: Record<string, string>
  readonly #scale: Readonly<Record<string, number>>
  readonly #clients: AppProcess[] = []
  #ground: StandaloneProcess | ClusterProcess

  private constructor(
    folder: string,
    ground: StandaloneProcess | ClusterProcess,
    env: Record<string, string>,
    scale: Readonly<Record<string, number>> = {},
  ) {
    this.folder = folder
    this.#ground = ground
    this.#env = env
    this.#scale = scale
  }

  /** The whole of it in one process, on a folder of its own. */
  static async start(env: Record<string, string> = {}): Promise<Marketplace> {
    const folder = mkdtempSync(join(tmpdir(), 'quarry-e2e-'))
    const standalone = await StandaloneProcess.start(join(folder, 'data'), { env })
    return new Marketplace(folder, standalone, env)
  }

  /** On the engines: the cluster that `npm run engines -- --journey` has started, or one of its own. */
  static async onEngines(
    env: Record<string, string> = {},
    scale: Readonly<Record<string, number>> = {},
  ): Promise<Marketplace> {
    const folder = mkdtempSync(join(tmpdir(), 'quarry-e2e-'))
    const running = process.env.QUARRY_CLUSTER_STATE
    const cluster =
      running === undefined
        ? await ClusterProcess.start(join(folder, 'cluster'), { env, scale })
        : ClusterProcess.attach(running)
    return new Marketplace(folder, cluster, env, scale)
  }

  get url(): string {
    return this.#ground.url
  }

  /** The one process of a marketplace that is one. */
  get process(): AppProcess {
    return this.#standalone.process
  }

  get cluster(): ClusterProcess {
    if (!(this.#ground instanceof ClusterProcess)) throw new Error('This marketplace is one process')
    return this.#ground
  }

  get dataDir(): string {
    return join(this.folder, 'data')
  }

  get #standalone(): StandaloneProcess {
    if (!(this.#ground instanceof StandaloneProcess)) throw new Error('This marketplace is a cluster')
    return this.#ground
  }

  /** Where a result-client of this name writes. */
  out(name: string): string {
    return join(this.folder, name)
  }

  /** After a crash: the same folder and port again. Starts while the killed one's port may still be closing. */
  async restart(): Promise<void> {
    this.#ground = await StandaloneProcess.start(this.dataDir, { env: this.#env, port: this.#standalone.port })
  }

  /** A cluster of its own ends, its folder goes through `meanwhile`, and it starts there again, under the same address. */
  async rebuild(meanwhile: (folder: string) => Promise<void>): Promise<void> {
    const { folder, url } = this.cluster
    await this.cluster.stop()
    await meanwhile(folder)
    const port = Number(new URL(url).port)
    this.#ground = await ClusterProcess.start(folder, { env: this.#env, scale: this.#scale, port })
    if (this.url !== url) throw new Error(`The cluster is at ${this.url} now: its port was taken`)
  }

  signUp(name: string): Promise<ApiClient> {
    return ApiClient.signUp(this.url, name)
  }

  /** A mining-client; one of the same name works in the same data folder, so only one of it may run. */
  async miner(owner: ApiClient, name: string, options: { args?: string[]; token?: string } = {}): Promise<AppProcess> {
    const args = [
      'mine',
      '--server',
      this.url,
      '--data',
      join(this.folder, name),
      ...(options.args ?? LOOPBACK),
      '--json',
    ]
    const env = { ...this.clientEnv(), QUARRY_TOKEN: options.token ?? (await owner.token('mine')) }
    return this.#client(new AppProcess('mining-client', args, { env }))
  }

  /** A result-client that writes to `out(name)`. */
  async receiver(
    owner: ApiClient,
    name: string,
    options: { args?: string[]; token?: string } = {},
  ): Promise<AppProcess> {
    const args = ['pull', '--server', this.url, '--out', this.out(name), ...(options.args ?? []), '--json']
    const env = { ...this.clientEnv(), QUARRY_TOKEN: options.token ?? (await owner.token('results:read')) }
    return this.#client(new AppProcess('result-client', args, { env }))
  }

  /** Keeps the clients off the settings of whoever runs the tests. */
  clientEnv(): Record<string, string> {
    return { QUARRY_CONFIG_DIR: join(this.folder, 'config') }
  }

  /** What the audit says, beside the running marketplace or after it: exit code and words. */
  audit(...args: string[]): Promise<{ code: number | NodeJS.Signals; words: string }> {
    return this.command('coin', 'audit', ...args)
  }

  /** Runs a command of a service to its end, with the marketplace's stores. */
  async command(app: string, ...args: string[]): Promise<{ code: number | NodeJS.Signals; words: string }> {
    const where = this.#ground instanceof ClusterProcess ? this.#ground.env : { QUARRY_DATA: this.dataDir }
    const command = new AppProcess(app, args, { env: where })
    const code = await command.exit()
    return { code, words: command.lines.join('\n') }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) {
      if (client.running) client.signal('SIGCONT')
      await client.kill()
    }
    if (this.#ground instanceof ClusterProcess) await this.#ground.stop()
    else {
      if (this.process.running) this.process.signal('SIGCONT')
      await this.process.kill()
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  #client(process: AppProcess): AppProcess {
    this.#clients.push(process)
    return process
  }
}

/** An order that runs once, at once. */
export function once(url: string, more: Partial<PlaceOrderInput> = {}): PlaceOrderInput {
  return { url, name: url, schedule: { kind: 'once' }, ...more }
}

/** Waits until every repetition of the orders is settled, coins included. */
export async function settled(customer: ApiClient, orderIds: readonly string[]): Promise<OrderView[]> {
  return waitUntil(
    'every repetition is settled',
    async () => {
      const orders = await Promise.all(orderIds.map((id) => customer.order(id)))
      const open = orders.filter(
        (order) =>
          order.coins.inEscrow !== 0 ||
          (order.state !== 'cancelled' && order.delivered + order.failed < order.repetitions),
      )
      return open.length === 0 && orders
    },
    PATIENCE_MS,
  )
}

/** What became of the order's last settled repetition. */
export async function onlyRun(customer: ApiClient, orderId: string): Promise<RunResult> {
  const { items } = await customer.runs(orderId)
  if (items.length !== 1) throw new Error(`${items.length} runs instead of one`)
  return items[0]!
}

/** The NDJSON events that a client printed with `--json`. */
export function eventsOf(client: AppProcess): { event: string; [key: string]: unknown }[] {
  return client.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { event: string })
}
