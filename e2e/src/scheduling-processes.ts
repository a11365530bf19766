import type { Shard } from '@quarry/domain'
import { AppProcess, waitUntil, workspaceRoot } from '@quarry/testkit'
import { spawnSync } from 'node:child_process'
import { CuttableProxy } from './cuttable-proxy.ts'

/** One service as a process of its own, observed by its metrics and its log. */
class ServiceProcess {
  readonly process: AppProcess
  readonly url: string
  #stopped = false

  protected constructor(process: AppProcess, url: string) {
    this.process = process
    this.url = url
  }

  protected static async listening(app: string, env: Record<string, string>): Promise<[AppProcess, string]> {
    const process = new AppProcess(app, [], { env })
    const [, url] = await process.line(/"url":"(http:[^"]+)".*"listening"/)
    return [process, url!]
  }

  /** Whether it can be asked: a paused one does not answer. */
  get awake(): boolean {
    return this.process.running && !this.#stopped
  }

  /** SIGSTOP: everything of it stands still, its connections stay. */
  pause(): void {
    this.#stopped = true
    this.process.signal('SIGSTOP')
  }

  wake(): void {
    this.#stopped = false
    this.process.signal('SIGCONT')
  }

  async kill(): Promise<void> {
    await this.process.kill()
  }

  /** The metric's value; undefined while the process does not answer. */
  async metric(name: string): Promise<number | undefined> {
    return numberOf(await this.metrics(), name)
  }

  async metrics(): Promise<string> {
    if (!this.awake) return ''
    try {
      return await (await fetch(new URL('/metrics', this.url), { signal: AbortSignal.timeout(5_000) })).text()
    } catch {
      return ''
    }
  }
}

export function numberOf(metrics: string, name: string): number | undefined {
  const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** A scheduler-manager behind a proxy of its own, under whose address everybody knows it. */
export class ManagerProcess extends ServiceProcess {
  readonly proxy: CuttableProxy

  private constructor(process: AppProcess, url: string, proxy: CuttableProxy) {
    super(process, url)
    this.proxy = proxy
  }

  static async start(env: Record<string, string>, proxy: CuttableProxy): Promise<ManagerProcess> {
    const all = { ...env, QUARRY_ADVERTISED_URL: proxy.url }
    const [process, url] = await ServiceProcess.listening('scheduler-manager', all)
    proxy.targetPort = Number(new URL(url).port)
    return new ManagerProcess(process, url, proxy)
  }

  async leads(): Promise<boolean> {
    return (await this.metric('quarry_manager_leads')) === 1
  }
}

export class SchedulerService extends ServiceProcess {
  static async start(env: Record<string, string>): Promise<SchedulerService> {
    return new SchedulerService(...(await ServiceProcess.listening('scheduler', env)))
  }

  /** Every shard that it took, in order. */
  get shards(): Shard[] {
    return this.process.lines
      .filter((line) => line.endsWith('"msg":"shard"}'))
      .map((line) => (JSON.parse(line) as { shard: Shard }).shard)
  }

  /** Which manager gave it its last shard. */
  get shardFrom(): string | undefined {
    const line = this.process.lines.findLast((one) => one.endsWith('"msg":"shard"}'))
    return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url
  }

  async ownedBuckets(): Promise<number> {
    return (await this.metric('quarry_scheduler_owned_buckets')) ?? 0
  }
}

/** Builds the services; they run as they are shipped. */
export function buildServices(...names: string[]): void {
  const dirs = names.map((name) => `apps/${name}`)
  const built = spawnSync(process.execPath, ['tools/build.mjs', ...dirs], { cwd: workspaceRoot(), encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
}

/** Several managers and schedulers as processes on the same engines. */
export class SchedulingProcesses {
  readonly managers: ManagerProcess[] = []
  readonly schedulers: SchedulerService[] = []
  readonly #env: Record<string, string>
  readonly #proxies: readonly CuttableProxy[]

  private constructor(env: Record<string, string>, proxies: readonly CuttableProxy[]) {
    this.#env = env
    this.#proxies = proxies
  }

  static async start(
    env: Record<string, string>,
    counts: { managers: number; schedulers: number },
  ): Promise<SchedulingProcesses> {
    const proxies = await Promise.all(Array.from({ length: counts.managers }, () => CuttableProxy.open()))
    const urls = proxies.map(({ url }) => url).join(',')
    const common = {
      QUARRY_ENV: 'test',
      QUARRY_PORT: '0',
      QUARRY_INTERNAL_SECRET: 'test-only-internal-secret-of-thirty-two',
      QUARRY_MANAGER_URLS: urls,
      ...env,
    }
    const all = new SchedulingProcesses(common, proxies)
    try {
      // Alone, because it may have to make the database.
      await all.startManager(0)
      await Promise.all([
        ...Array.from({ length: counts.managers - 1 }, (_, n) => all.startManager(n + 1)),
        ...Array.from({ length: counts.schedulers }, () => all.join()),
      ])
    } catch (error) {
      await all.end()
      throw error
    }
    return all
  }

  /** Starts a manager, or starts it again, under its old address. */
  async startManager(index: number): Promise<void> {
    const proxy = this.#proxies[index]!
    proxy.restore()
    this.managers[index] = await ManagerProcess.start(this.#env, proxy)
  }

  /** One more scheduler. */
  async join(): Promise<SchedulerService> {
    const scheduler = await SchedulerService.start(this.#env)
    this.schedulers.push(scheduler)
    return scheduler
  }

  /** Waits for exactly one primary among those who can be asked. */
  async primary(but?: ManagerProcess): Promise<ManagerProcess> {
    return waitUntil('one manager leads', async () => {
      const awake = this.managers.filter((manager) => manager.awake && manager !== but)
      const leads = await Promise.all(awake.map((manager) => manager.leads()))
      return leads.filter(Boolean).length === 1 ? awake[leads.indexOf(true)] : undefined
    })
  }

  /**
   * Waits until the schedulers that are awake have shards of one hand-out by this manager, above an epoch, and own every
   * bucket.
   */
  async settledUnder(manager: ManagerProcess, aboveEpoch = 0): Promise<readonly Shard[]> {
    return waitUntil(`all schedulers are settled under ${manager.proxy.url}`, async () => {
      const awake = this.schedulers.filter((scheduler) => scheduler.awake)
      const shards = awake.map((scheduler) => scheduler.shards.at(-1))
      const epoch = shards[0]?.epoch ?? 0
      const agreed =
        epoch > aboveEpoch &&
        awake.every(({ shardFrom }) => shardFrom === manager.proxy.url) &&
        shards.every((shard) => shard?.count === awake.length && shard.epoch === epoch)
      if (!agreed) return undefined
      const owned = await Promise.all(awake.map((scheduler) => scheduler.ownedBuckets()))
      return owned.reduce((sum, one) => sum + one, 0) === 1024 ? (shards as Shard[]) : undefined
    })
  }

  /** What the processes warned of, for whoever has to find out why a test failed. */
  troubles(): string {
    return [...this.managers, ...this.schedulers]
      .flatMap(({ process }) =>
        process.lines
          .filter((line) => !line.includes('"level":30'))
          .slice(-20)
          .map((line) => `${process.pid} ${line.slice(0, 600)}`),
      )
      .join('\n')
  }

  async end(): Promise<void> {
    for (const one of [...this.schedulers, ...this.managers]) {
      if (one.process.running) one.wake()
      await one.kill()
    }
    for (const proxy of this.#proxies) proxy.close()
  }
}
