import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const RESTART_MS = 1000
/** Longer than the clients' own limit for draining. */
const STOP_MS = 50_000

/** A command-line client that runs as long as the marketplace does, as a process of its own. */
export interface BuiltInClient {
  readonly name: string
  readonly entry: 'mining-client' | 'result-client'
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * Runs a client and starts it again when it ends by itself. It leads a process group of its own, so that Ctrl-C reaches
 * only us and we can drain in order; when we die, its channel to us closes and it ends.
 */
export class ClientProcess {
  readonly #client: BuiltInClient
  readonly #print: (line: string) => void
  #child: ChildProcess | undefined
  #stopping = false

  constructor(client: BuiltInClient, print: (line: string) => void) {
    this.#client = client
    this.#print = print
  }

  start(): void {
    const { name, entry, args, env } = this.#client
    const file = fileURLToPath(new URL(`../../${entry}/dist/main.js`, import.meta.url))
    const child = spawn(process.execPath, [file, ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
      detached: true,
    })
    this.#child = child
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => this.#print(`[${name}] ${line}`))
    child.once('error', (error) => this.#print(`[${name}] ${error.message}`))
    child.once('exit', (code, signal) => {
      if (this.#stopping) return
      this.#print(`[${name}] ended with ${signal ?? `exit code ${code}`}; starting it again`)
      setTimeout(() => !this.#stopping && this.start(), RESTART_MS)
    })
  }

  /** Lets the client finish what it holds; ends it for good after a while. */
  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([exited, sleep(STOP_MS).then(() => child.kill('SIGKILL'))])
  }
}
