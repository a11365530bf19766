import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An entry of this package, built, as a process of its own that answers in lines. */
export class Script {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  readonly #name: string

  constructor(name: string, args: readonly string[]) {
    const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
    this.#name = name
    this.child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.child.stdout })
  }

  /** The next line; rejects when the process ends without one. */
  async line(): Promise<string> {
    const ended = new AbortController()
    const died = once(this.child, 'close', { signal: ended.signal }).then(([code]) => {
      throw new Error(`${this.#name} ended with ${code} and did not answer`)
    })
    try {
      const [line] = (await Promise.race([once(this.#lines, 'line', { signal: ended.signal }), died])) as [string]
      return line
    } finally {
      ended.abort()
      died.catch(() => undefined)
    }
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}

/** What an entry of this package prints as its one line of JSON. */
export async function answerOf<T>(name: string, args: readonly string[]): Promise<T> {
  const script = new Script(name, args)
  try {
    return JSON.parse(await script.line()) as T
  } finally {
    script.kill()
  }
}
