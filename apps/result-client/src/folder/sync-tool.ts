import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Reads a path a line and answers each with `ok` or `no`. Starting `sync` from a small shell is far cheaper than from here. */
const LOOP = 'while IFS= read -r path; do if sync -f "$path"; then echo ok; else echo no; fi; done'

/**
 * Syncs whole file systems (`sync -f`, which is syncfs(2)) through one helper process that lives as long as this one.
 * Where the tool is missing, does not know the option, or meets an error, the answer is false.
 */
export class SyncTool {
  #shell: ChildProcess | undefined
  #waiting: ((done: boolean) => void)[] = []

  /** Resolves when everything written so far on the file system of `path` is durable; to false when that is not sure. */
  sync(path: string): Promise<boolean> {
    if (path.includes('\n')) return Promise.resolve(false)
    const shell = (this.#shell ??= this.#start())
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      shell.stdin?.write(`${path}\n`)
    })
  }

  close(): void {
    this.#shell?.stdin?.end()
    this.#shell = undefined
  }

  #start(): ChildProcess {
    const shell = spawn('sh', ['-c', LOOP], { stdio: ['pipe', 'pipe', 'ignore'] })
    const lost = () => {
      if (this.#shell === shell) this.#shell = undefined
      for (const resolve of this.#waiting.splice(0)) resolve(false)
    }
    shell.once('error', lost)
    shell.once('exit', lost)
    shell.stdin.once('error', lost)
    createInterface({ input: shell.stdout }).on('line', (line) => this.#waiting.shift()?.(line === 'ok'))
    // It waits for us, not we for it: an idle helper keeps no process alive.
    shell.unref()
    return shell
  }
}
