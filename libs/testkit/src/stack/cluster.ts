import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { testEnv } from './standalone.ts'
import { workspaceRoot } from './workspace-root.ts'

/** One process of a cluster: a service, an engine, or Traefik. */
export interface ClusterMember {
  readonly name: string
  readonly kind: 'engine' | 'service'
  readonly pid: number
  readonly address: string
}

interface ClusterState {
  readonly url: string
  /** Where the engines are, by the variables that the services read. */
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly processes: readonly ClusterMember[]
}

type ClusterEvent =
  | ({ readonly event: 'ready' } & ClusterState)
  | { readonly event: 'started'; readonly name: string; readonly pid: number }
  | { readonly event: 'exited' | 'failed' | 'migrated' | 'preparing' | 'stopping' | 'stopped' }

/** The first start may have to build Traefik. */
const PATIENCE_MS = 15 * 60_000

/**
 * The whole marketplace on real engines behind Traefik, as `npm run engines` runs it. Whatever is killed is started again
 * by its supervisor; `member` always knows the process that runs now.
 */
export class ClusterProcess {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly #members: Map<string, ClusterMember>
  readonly #starts = new Map<string, number>()
  readonly #child: ChildProcess | undefined

  private constructor(state: ClusterState, child?: ChildProcess) {
    this.url = state.url
    this.env = state.env
    this.folder = state.folder
    this.#members = new Map(state.processes.map((member) => [member.name, member]))
    this.#child = child
  }

  /** Starts one of its own in `folder`, with what it finds there; Traefik on `port`, or the next free one. */
  static async start(
    folder: string,
    options: { scale?: Readonly<Record<string, number>>; env?: Readonly<Record<string, string>>; port?: number } = {},
  ): Promise<ClusterProcess> {
    const port = options.port === undefined ? [] : [`--port=${options.port}`]
    const scale = Object.entries(options.scale ?? {}).map(([name, count]) => `--scale=${name}=${count}`)
    const program = join(workspaceRoot(), 'tools', 'cluster', 'main.mjs')
    const child = spawn(process.execPath, [program, '--json', `--folder=${folder}`, ...port, ...scale], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...testEnv, ...options.env },
    })
    const words: string[] = []
    createInterface({ input: child.stderr }).on('line', (line) => words.push(line))
    const lines = createInterface({ input: child.stdout })
    const ready = Promise.withResolvers<ClusterState>()
    let hear = (_event: ClusterEvent): void => undefined
    lines.on('line', (line) => {
      const event = JSON.parse(line) as ClusterEvent
      if (event.event === 'ready') ready.resolve(event)
      else hear(event)
    })
    child.once('close', (code) => ready.reject(new Error(`npm run engines ended with ${code}:\n${words.join('\n')}`)))
    const late = setTimeout(() => ready.reject(new Error('npm run engines does not become ready')), PATIENCE_MS)
    const state = await ready.promise.finally(() => clearTimeout(late))
    const cluster = new ClusterProcess(state, child)
    // The ready line is the last of its chunk: until here nothing has been heard that its table does not know.
    hear = (event) => cluster.#note(event)
    return cluster
  }

  /** Joins one that somebody else started and will stop; `stateFile` is its `cluster.json`. */
  static attach(stateFile: string): ClusterProcess {
    return new ClusterProcess(JSON.parse(readFileSync(stateFile, 'utf8')) as ClusterState)
  }

  get members(): readonly ClusterMember[] {
    return [...this.#members.values()]
  }

  /** How often this member was started after the cluster was ready. */
  starts(name: string): number {
    return this.#starts.get(name) ?? 0
  }

  member(name: string): ClusterMember {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`The cluster has no ${name}`)
    return member
  }

  /** Sends the signal to what runs under this name now, with all that it started itself. Throws `ESRCH` when it is dead. */
  signal(name: string, signal: NodeJS.Signals): void {
    process.kill(-this.member(name).pid, signal)
  }

  /** Ends everything, in order, if this object started it. */
  async stop(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
  }

  #note(event: ClusterEvent): void {
    if (event.event !== 'started') return
    const member = this.#members.get(event.name)
    if (member === undefined) return
    this.#members.set(event.name, { ...member, pid: event.pid })
    this.#starts.set(event.name, this.starts(event.name) + 1)
  }
}
