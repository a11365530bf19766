import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { workspaceRoot } from './workspace-root.ts'

const WAIT_MS = 60_000

/** A program of ours, built, running as a process of its own; every line that it prints is kept. */
export class AppProcess {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly #exited: Promise<number | NodeJS.Signals>

  /** Starts `apps/<app>/dist/<entry>.js` on the Node that runs this. */
  constructor(
    app: string,
    args: readonly string[],
    options: { env?: Readonly<Record<string, string>>; cwd?: string; entry?: string } = {},
  ) {
    const file = join(workspaceRoot(), 'apps', app, 'dist', `${options.entry ?? 'main'}.js`)
    this.child = spawn(process.execPath, [file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'test', ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    })
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line))
    }
    this.#exited = once(this.child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  }

  get pid(): number {
    return this.child.pid!
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resolves with the first line that matches; rejects when the program ends or is silent for a minute. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const until = performance.now() + WAIT_MS
    for (;;) {
      for (const line of this.lines) {
        const match = pattern.exec(line)
        if (match) return match
      }
      if (!this.running || performance.now() > until)
        throw new Error(`no line ${pattern} in:\n${this.lines.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** How the program ended: exit code, or signal. */
  exit(): Promise<number | NodeJS.Signals> {
    return this.#exited
  }

  /** Asks the program to end, and waits for it. */
  async stop(): Promise<number | NodeJS.Signals> {
    if (this.running) this.signal('SIGTERM')
    return this.exit()
  }

  async kill(): Promise<void> {
    if (this.running) this.signal('SIGKILL')
    await this.exit()
  }
}
