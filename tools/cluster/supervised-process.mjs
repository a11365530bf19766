/**
 * A process that is kept running, as a container with `restart: unless-stopped` is: when it dies it is started again
 * with the same command, a moment later. Its output goes into a file.
 */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
/** Who has run for this long is healthy: the next death is answered at once again. */
const HEALTHY_MS = 10_000
const STOP_MS = 15_000

export class SupervisedProcess {
  #child
  #stopping = false
  #waitMs = FIRST_WAIT_MS
  #timer
  #ended = Promise.resolve()

  /** `onEvent({ event: 'started' | 'exited', name, pid, … })` is told of every start and every end. */
  constructor({ name, command, args, env, logFile, onEvent }) {
    this.name = name
    this.#spec = { command, args, env }
    this.#onEvent = onEvent
    this.#log = createWriteStream(logFile, { flags: 'a' })
    this.start()
  }

  #spec
  #onEvent
  #log

  get pid() {
    return this.#child?.pid
  }

  get running() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  start() {
    const { command, args, env } = this.#spec
    const startedAt = performance.now()
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream.pipe(this.#log, { end: false })
    const { promise, resolve } = Promise.withResolvers()
    this.#ended = promise
    child.once('error', (error) => this.#log.write(`${error.message}\n`))
    child.once('close', (code, signal) => {
      resolve()
      this.#onEvent({ event: 'exited', name: this.name, pid: child.pid, code, signal })
      if (this.#stopping) return
      if (performance.now() - startedAt > HEALTHY_MS) this.#waitMs = FIRST_WAIT_MS
      this.#timer = setTimeout(() => this.start(), this.#waitMs)
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS)
    })
    this.#onEvent({ event: 'started', name: this.name, pid: child.pid })
  }

  /** Asks it to end, and ends it when it does not; it is not started again. */
  async stop() {
    this.#stopping = true
    clearTimeout(this.#timer)
    if (this.running) {
      // One that a test has paused would never hear the other signal.
      this.#child.kill('SIGCONT')
      this.#child.kill('SIGTERM')
      const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
      await this.#ended
      clearTimeout(force)
    }
    this.#log.end()
  }
}
